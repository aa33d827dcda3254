// Preloaded into Node (LD_PRELOAD): counts the operations on files below one folder, writes each to a trace, and lets the n-th fail.
// One mutex is held over each operation, so that the n-th is the same one whenever the program's own order is.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watched.h"

// NONE, LATER and SHORT let the operation be made; ERROR returns `error` instead of it; FULL is ENOSPC from the n-th on, for all that takes space;
// TORN ends the process in the middle of a write; COPY copies the folder before each operation, and in the middle of each write.
enum kind { NONE, KILL, TORN, SHORT, ERROR, FULL, COPY };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char copies[PATH_MAX];
static enum kind kind;
static int trace = -1, error;
static long count, at;

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static ssize_t real_write(int fd, const void *bytes, size_t size) {
  return syscall(SYS_write, fd, bytes, size);
}

static void copy_folder(const char *suffix) {
  char target[PATH_MAX + 32];
  snprintf(target, sizeof target, "%s/%ld%s", copies, count, suffix);
  char *arguments[] = {"cp", "-a", folder, target, NULL}, *environment[] = {"PATH=/usr/bin:/bin", NULL};
  pid_t child;
  if (posix_spawnp(&child, "cp", NULL, NULL, arguments, environment)) abort();
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
}

static int takes_space(const char *name) {
  return strstr("write pwrite writev pwritev create mkdir symlink link truncate copy", name) != NULL;
}

/** Counts an operation; true when it must not be made, for it is the one that fails: errno is then set. */
static int fails(const char *name, const char *path) {
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%ld\t%s\t%s\n", ++count, name, path);
  if (trace >= 0) real_write(trace, line, length);
  if (kind == COPY) copy_folder("");
  if (kind == FULL && count >= at && takes_space(name)) return errno = ENOSPC, 1;
  if (count != at) return 0;
  if (kind == KILL) kill(getpid(), SIGKILL), pause();
  if (kind == ERROR) return errno = error, 1;
  return 0;
}

#define COUNTED(name, path, call, failed) \
  const char *counted = (path); \
  if (!counted) return call; \
  pthread_mutex_lock(&mutex); \
  __typeof__(call) result = fails(name, counted) ? (failed) : call; \
  int saved = errno; \
  pthread_mutex_unlock(&mutex); \
  errno = saved; \
  return result

/** How many of the bytes the n-th write makes in one go: half of them when it is short or torn. */
static size_t portion(size_t size) {
  return count == at && size > 1 && (kind == SHORT || kind == TORN) ? size / 2 : size;
}

static void after_portion(void) {
  if (kind == TORN && count == at) kill(getpid(), SIGKILL), pause();
}

static ssize_t write_part(int fd, const void *bytes, size_t size, off_t offset) {
  REAL(pwrite64);
  size_t half = kind == COPY ? size / 2 : 0;
  if (half) {
    ssize_t first = offset < 0 ? real_write(fd, bytes, half) : real(fd, bytes, half, offset);
    if (first != (ssize_t)half) return first;
    copy_folder("-torn");
    bytes = (const char *)bytes + half;
    if (offset >= 0) offset += half;
  }
  size_t rest = portion(size - half);
  ssize_t written = offset < 0 ? real_write(fd, bytes, rest) : real(fd, bytes, rest, offset);
  after_portion();
  return written < 0 ? written : written + (ssize_t)half;
}

ssize_t write(int fd, const void *bytes, size_t size) {
  if (!inside_fd(fd)) return real_write(fd, bytes, size);
  COUNTED("write", inside_fd(fd), write_part(fd, bytes, size, -1), -1);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  REAL(pwrite64);
  if (!inside_fd(fd)) return real(fd, bytes, size, offset);
  COUNTED("pwrite", inside_fd(fd), write_part(fd, bytes, size, offset), -1);
}

/** Only the first buffer: what a short write may do, and the caller goes on with the next. */
static ssize_t write_first(int fd, const struct iovec *parts, int number, off_t offset) {
  while (number > 1 && !parts->iov_len) parts++, number--;
  return write_part(fd, parts->iov_base, parts->iov_len, offset);
}
ssize_t writev(int fd, const struct iovec *parts, int number) {
  REAL(writev);
  if (!inside_fd(fd)) return real(fd, parts, number);
  COUNTED("writev", inside_fd(fd), write_first(fd, parts, number, -1), -1);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t offset) {
  REAL(pwritev64);
  if (!inside_fd(fd)) return real(fd, parts, number, offset);
  COUNTED("pwritev", inside_fd(fd), write_first(fd, parts, number, offset), -1);
}

static const char *open_name(int flags) {
  return flags & O_CREAT ? "create" : (flags & O_ACCMODE) == O_RDONLY ? "open" : "open to write";
}

#define OPEN(function, watched, ...) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  } \
  REAL(function); \
  const char *name = watched; \
  if (!name) return real(__VA_ARGS__); \
  COUNTED(open_name(flags), name, remember(real(__VA_ARGS__), name, flags), -1)

int open(const char *path, int flags, ...) { OPEN(open, inside(path), path, flags, mode); }
int open64(const char *path, int flags, ...) { OPEN(open64, inside(path), path, flags, mode); }
int openat(int from, const char *path, int flags, ...) { OPEN(openat, inside_at(from, path), from, path, flags, mode); }
int openat64(int from, const char *path, int flags, ...) { OPEN(openat64, inside_at(from, path), from, path, flags, mode); }

static int close_real(int fd) {
  REAL(syscall);
  return (int)real(SYS_close, fd);
}

int close(int fd) {
  if (!inside_fd(fd)) return close_real(fd);
  pthread_mutex_lock(&mutex);
  // Whatever it returns, the descriptor is closed. After mere reading, no file system lets it fail, and Node would abort.
  int failed = written_to[fd] && fails("close", files[fd]), saved = errno;
  free(files[fd]);
  files[fd] = NULL;
  int result = close_real(fd);
  if (failed) errno = saved;
  pthread_mutex_unlock(&mutex);
  return failed ? -1 : result;
}

#define ON_FD(function, label, arguments, ...) \
  int function arguments { \
    REAL(function); \
    COUNTED(label, inside_fd(fd), real(__VA_ARGS__), -1); \
  }
#define ON_PATH_AT(function, label, from, arguments, ...) \
  int function arguments { \
    REAL(function); \
    COUNTED(label, inside_at(from, path), real(__VA_ARGS__), -1); \
  }
#define ON_PATH(function, label, arguments, ...) ON_PATH_AT(function, label, AT_FDCWD, arguments, __VA_ARGS__)
ON_FD(fsync, "fsync", (int fd), fd)
ON_FD(fdatasync, "fsync", (int fd), fd)
ON_FD(ftruncate64, "truncate", (int fd, off64_t size), fd, size)
ON_PATH(truncate64, "truncate", (const char *path, off64_t size), path, size)
ON_PATH(mkdir, "mkdir", (const char *path, mode_t mode), path, mode)
ON_PATH(rmdir, "rmdir", (const char *path), path)
ON_PATH(unlink, "unlink", (const char *path), path)
ON_PATH_AT(unlinkat, "unlink", at, (int at, const char *path, int flags), at, path, flags)
ON_PATH(remove, "unlink", (const char *path), path)
ON_PATH(symlink, "symlink", (const char *target, const char *path), target, path)
ON_PATH(link, "link", (const char *target, const char *path), target, path)
ON_PATH(rename, "rename", (const char *from, const char *path), from, path)
ON_PATH_AT(renameat, "rename", to, (int a, const char *from, int to, const char *path), a, from, to, path)

DIR *opendir(const char *path) {
  REAL(opendir);
  COUNTED("list", inside(path), real(path), NULL);
}
ssize_t sendfile64(int fd, int from, off64_t *offset, size_t size) {
  REAL(sendfile64);
  COUNTED("copy", inside_fd(fd), real(fd, from, offset, inside_fd(fd) ? portion(size) : size), -1);
}

/** libuv closes and copies so. */
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_close && inside_fd(a[0])) return close(a[0]);
  REAL(syscall);
  const char *path = number == SYS_copy_file_range ? inside_fd(a[2]) : NULL;
  COUNTED("copy", path, real(number, a[0], a[1], a[2], a[3], a[4], a[5]), -1);
}

/** From now on counts operations below `path`. ERROR returns `errno_value`; COPY copies to `copies_path`. */
void faults_arm(const char *path, const char *trace_path, int new_kind, long new_at, int errno_value, const char *copies_path) {
  pthread_mutex_lock(&mutex);
  snprintf(folder, sizeof folder, "%s", path);
  snprintf(copies, sizeof copies, "%s", copies_path);
  folder_length = strlen(folder);
  kind = new_kind, at = new_at, error = errno_value, count = 0;
  long file = syscall(SYS_openat, AT_FDCWD, trace_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  trace = (int)file;
  pthread_mutex_unlock(&mutex);
}

/** Counts no longer; returns how many operations there were. */
long faults_disarm(void) {
  pthread_mutex_lock(&mutex);
  folder_length = 0;
  if (trace >= 0) syscall(SYS_close, trace);
  trace = -1;
  for (int fd = 0; fd < MAX_FILES; fd++) free(files[fd]), files[fd] = NULL;
  long counted = count;
  pthread_mutex_unlock(&mutex);
  return counted;
}
