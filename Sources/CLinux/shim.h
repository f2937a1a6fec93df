// What Linux's C library has and Swift's Glibc module has not.
#ifndef ZONEBRIDGE_LINUX_H
#define ZONEBRIDGE_LINUX_H

#include <sys/xattr.h>

// renameat2(2), which glibc declares with _GNU_SOURCE only.
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

extern int renameat2(int old_directory, const char *old_path, int new_directory,
                     const char *new_path, unsigned int flags);

#endif
