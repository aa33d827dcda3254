#!/bin/sh
# Begins the run of recipe.yaml, or goes on with it where there is a checkpoint: whatever starts a process that has ended calls this again.
# RUNS is a folder that all processes share.
set -eu
# Not the link `last`, which some shared file systems cannot hold.
if ls -d "$RUNS"/first/checkpoints/epoch-* >/dev/null 2>&1; then
  exec bag-of-tricks train --resume "$RUNS/first"
fi
exec bag-of-tricks train --config "$(dirname "$0")/recipe.yaml" --output "$RUNS" --experiment first
