// What Linux's C library has and Swift's Glibc module has not.
#ifndef ZONEBRIDGE_LINUX_H
#define ZONEBRIDGE_LINUX_H

#include <errno.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

// Of open(2) and the …at calls; glibc has them with _GNU_SOURCE only.
#ifndef O_PATH
#define O_PATH 010000000
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

// renameat2(2), which glibc declares with _GNU_SOURCE only.
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

extern int renameat2(int old_directory, const char *old_path, int new_directory,
                     const char *new_path, unsigned int flags);

// sched_getcpu(3), sched_getaffinity(2) and sched_setaffinity(2), which glibc declares with _GNU_SOURCE only.
extern int sched_getcpu(void);
extern int sched_getaffinity(pid_t process, size_t size, cpu_set_t *processors);
extern int sched_setaffinity(pid_t process, size_t size, const cpu_set_t *processors);

// Of sched(7); glibc has it with _GNU_SOURCE only.
#ifndef SCHED_BATCH
#define SCHED_BATCH 3
#endif

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

// When an open file or folder was made, which nobody can set; 0 and 0 where the file system does not say.
static inline void birth_time(int descriptor, long long *seconds, unsigned int *nanoseconds) {
  struct statx status;
  int known = statx(descriptor, "", AT_EMPTY_PATH, STATX_BTIME, &status) == 0 &&
              (status.stx_mask & STATX_BTIME) != 0;
  *seconds = known ? status.stx_btime.tv_sec : 0;
  *nanoseconds = known ? status.stx_btime.tv_nsec : 0;
}

// openat2(2), for which glibc has no function, refusing symbolic links wherever in the path they are.
extern long syscall(long number, ...);

static inline int open_without_links(int directory, const char *path, int flags) {
#ifdef SYS_openat2
  struct open_how how = {.flags = (unsigned int)flags,
                         .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
#else
  errno = ENOSYS;
  return -1;
#endif
}

#endif
