// What is watched: one folder, and the descriptors that were opened below it.
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILES 65536

static char folder[PATH_MAX];
static size_t folder_length;
static char *files[MAX_FILES];
static char written_to[MAX_FILES];

/** Below the folder: the part of the path after it; else null. Relative paths are those of the current directory. */
static const char *inside(const char *path) {
  static _Thread_local char whole[2 * PATH_MAX];
  if (!folder_length || !path) return NULL;
  if (path[0] != '/') {
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) return NULL;
    snprintf(whole, sizeof whole, "%s/%s", here, path);
    path = whole;
  }
  if (strncmp(path, folder, folder_length) || (path[folder_length] != '/' && path[folder_length])) return NULL;
  return path[folder_length] ? path + folder_length + 1 : ".";
}

static const char *inside_fd(int fd) { return folder_length && fd >= 0 && fd < MAX_FILES ? files[fd] : NULL; }

/** The same of a path from an open folder, where that is watched; any other is taken from the current directory. */
static const char *inside_at(int from, const char *path) {
  static _Thread_local char whole[2 * PATH_MAX];
  const char *base = inside_fd(from);
  if (!base || path[0] == '/') return inside(path);
  snprintf(whole, sizeof whole, "%s/%s", base, path);
  return whole;
}

static int remember(int fd, const char *path, int flags) {
  if (fd < 0 || fd >= MAX_FILES) return fd;
  free(files[fd]);
  files[fd] = strdup(path);
  written_to[fd] = (flags & O_ACCMODE) != O_RDONLY;
  return fd;
}
