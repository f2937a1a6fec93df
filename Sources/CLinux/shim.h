// What Linux's C library has and Swift's Glibc module has not.
#ifndef ZONEBRIDGE_LINUX_H
#define ZONEBRIDGE_LINUX_H

#include <linux/stat.h>
#include <sys/xattr.h>

// renameat2(2), which glibc declares with _GNU_SOURCE only.
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

extern int renameat2(int old_directory, const char *old_path, int new_directory,
                     const char *new_path, unsigned int flags);

// statx(2), which glibc declares with _GNU_SOURCE only; Swift would take the name for the structure's.
extern int statx(int directory, const char *path, int flags, unsigned int mask,
                 struct statx *buffer);

// Of Linux 5.8, and so not in the headers of older ones.
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#endif

// The STATX_ATTR_… bits of a file; 0 where they cannot be told.
static inline unsigned long long file_attributes(const char *path) {
  struct statx status;
  return statx(-100 /* AT_FDCWD */, path, 0, STATX_BASIC_STATS, &status) == 0
             ? status.stx_attributes & status.stx_attributes_mask
             : 0;
}

#endif
