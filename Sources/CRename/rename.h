// renameat2(2): glibc declares it with _GNU_SOURCE only, which Swift's Glibc module is built without.
#ifndef ZONEBRIDGE_RENAME_H
#define ZONEBRIDGE_RENAME_H

#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

extern int renameat2(int old_directory, const char *old_path, int new_directory,
                     const char *new_path, unsigned int flags);

#endif
