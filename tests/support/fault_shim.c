// libmoxfault.so: preloaded into a program (LD_PRELOAD), it counts the calls that change files and lets one of them
// fail, or kills the program there. tests/support/fault_run.hpp is the way to use it.
//
// Environment:
//   MOX_FAULT_DIRS=DIR[:DIR…]   count only calls on paths at or below these directories
//   MOX_FAULT_SKIP=SUFFIX[:…]   but not on paths with these endings; "-shm" when unset: SQLite's shared memory is
//                               made anew after a crash, and stores to it go through a mapping anyway
//   MOX_FAULT_LOG=FILE          append a line "N KIND PATH" before each counted call is made
//   MOX_FAULT_AT=N              act at the Nth counted call, from 1; or:
//   MOX_FAULT_AT_KIND=KIND:N    act at the Nth counted call of one kind
//   MOX_FAULT_ACTION=…          kill: SIGKILL just before the call; kill-after: just after it
//                               EIO, ENOSPC, EROFS: the call is not made and fails so
//                               SIGTERM, SIGINT: raise that signal, then make the call
//   MOX_FAULT_STICKY=1          with an error: later calls fail too; with ENOSPC those that need space
//
// Kinds: write, fsync, fdatasync, syncfs, sync_file_range, sync, link, symlink, rename, unlink, rmdir, truncate,
// create (open with O_CREAT or O_TMPFILE, also of a file that is there), mkdir, copy, clone, allocate, attr. Of a
// call with two paths the log names the second. Numbers are per process. Not seen: stores through mappings, and what
// libc does by itself (stdio's write-back; fopen and mkstemp are seen).
//
// System calls are made directly, so it does not matter whether a sanitizer's interceptors are there. Linux, 64 bits.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_DIRS 16
#define PATH_SIZE 4096

static char dirs[MAX_DIRS][PATH_SIZE];
static int dir_count;
static const char* skipped = "-shm";
static int log_fd = -1;
static unsigned long at;
static char at_kind[32];
static unsigned long at_kind_number;
static enum { NOTHING, KILL, KILL_AFTER, FAIL, RAISE } action;
static int action_number;  // errno value or signal
static int sticky;

static unsigned long count;       // counted calls so far; atomic
static unsigned long kind_count;  // of at_kind; atomic
static int failing;               // a sticky error was met; atomic

// ---- Which calls count -------------------------------------------------------------------------------------------

static int below_counted(const char* path) {
    for (const char* suffix = skipped; *suffix != '\0';) {
        const size_t length = strcspn(suffix, ":");
        const size_t path_length = strlen(path);
        if (length > 0 && path_length >= length && memcmp(path + path_length - length, suffix, length) == 0) return 0;
        suffix += length + (suffix[length] == ':');
    }
    for (int i = 0; i < dir_count; ++i) {
        const size_t length = strlen(dirs[i]);
        if (strncmp(path, dirs[i], length) == 0 && (path[length] == '\0' || path[length] == '/')) return 1;
    }
    return 0;
}

static int path_of_fd(int fd, char* out) {
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const long length = syscall(SYS_readlinkat, AT_FDCWD, name, out, PATH_SIZE - 1);
    if (length <= 0 || out[0] != '/') return 0;  // a pipe, a socket
    out[length] = '\0';
    static const char deleted[] = " (deleted)";
    const size_t tail = sizeof deleted - 1;
    if ((size_t)length > tail && strcmp(out + length - tail, deleted) == 0) out[(size_t)length - tail] = '\0';
    return 1;
}

// The absolute path of `name`, all links but the last resolved. 0 when its folder is not there.
static int resolve(int directory, const char* name, char* out) {
    char parent[PATH_SIZE];
    size_t length = strlen(name);
    if (length == 0 || length >= PATH_SIZE) return 0;
    memcpy(parent, name, length + 1);
    while (length > 1 && parent[length - 1] == '/') parent[--length] = '\0';
    char* slash = strrchr(parent, '/');
    char last[PATH_SIZE];
    strcpy(last, slash == NULL ? parent : slash + 1);
    if (slash == NULL)
        strcpy(parent, ".");
    else
        slash[slash == parent ? 1 : 0] = '\0';
    if (strcmp(last, "..") == 0 || strcmp(last, ".") == 0) {  // a folder for sure
        strcpy(parent, name);
        last[0] = '\0';
    }

    const long fd = syscall(SYS_openat, directory, parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    const int found = path_of_fd((int)fd, out);
    syscall(SYS_close, fd);
    if (!found) return 0;
    length = strlen(out);
    if (last[0] == '\0') return 1;
    if (length + 1 + strlen(last) >= PATH_SIZE) return 0;
    if (length > 1) out[length++] = '/';
    strcpy(out + length, last);
    return 1;
}

// ---- What happens at a counted call ------------------------------------------------------------------------------

static void end_here(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) syscall(SYS_pause);
}

static int needs_space(const char* kind) {
    static const char* const kinds[] = {"write", "create", "mkdir", "link", "symlink", "copy", "clone", "allocate"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i)
        if (strcmp(kind, kinds[i]) == 0) return 1;
    return 0;
}

typedef struct {
    int fails;       // with errno set
    int kill_after;  // once the call is done
} Verdict;

static Verdict counted_call(const char* kind, const char* path) {
    Verdict verdict = {0, 0};
    const int saved_errno = errno;
    const unsigned long number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    if (log_fd >= 0) {
        char line[PATH_SIZE + 64];
        const int length = snprintf(line, sizeof line, "%lu %s %s\n", number, kind, path);
        if (length > 0) syscall(SYS_write, log_fd, line, (size_t)length);
    }
    int now = at != 0 && number == at;
    if (at_kind_number != 0 && strcmp(kind, at_kind) == 0)
        now = __atomic_add_fetch(&kind_count, 1, __ATOMIC_SEQ_CST) == at_kind_number;
    errno = saved_errno;

    if (now) {
        if (action == KILL) end_here();
        if (action == KILL_AFTER) verdict.kill_after = 1;
        if (action == RAISE) syscall(SYS_kill, syscall(SYS_getpid), action_number);
        if (action == FAIL && sticky) __atomic_store_n(&failing, 1, __ATOMIC_SEQ_CST);
    }
    if (action == FAIL) {
        const int later = __atomic_load_n(&failing, __ATOMIC_SEQ_CST) && (action_number != ENOSPC || needs_space(kind));
        if (now || later) {
            verdict.fails = 1;
            errno = action_number;
        }
    }
    return verdict;
}

static Verdict check_fd(const char* kind, int fd) {
    char path[PATH_SIZE];
    if (dir_count > 0 && path_of_fd(fd, path) && below_counted(path)) return counted_call(kind, path);
    return (Verdict){0, 0};
}

static Verdict check_path(const char* kind, int directory, const char* name) {
    char path[PATH_SIZE];
    if (dir_count > 0 && name != NULL && resolve(directory, name, path) && below_counted(path))
        return counted_call(kind, path);
    return (Verdict){0, 0};
}

static Verdict check_paths(const char* kind, int from_directory, const char* from, int to_directory, const char* to) {
    char path[PATH_SIZE];
    if (dir_count == 0) return (Verdict){0, 0};
    if (resolve(to_directory, to, path) && below_counted(path)) return counted_call(kind, path);
    if (resolve(from_directory, from, path) && below_counted(path)) return counted_call(kind, path);
    return (Verdict){0, 0};
}

// ---- Start -------------------------------------------------------------------------------------------------------

// A directory that is not there yet counts under the name that it will have.
static void add_directory(const char* name, size_t length) {
    if (length == 0 || length >= PATH_SIZE || dir_count == MAX_DIRS) return;
    char text[PATH_SIZE];
    memcpy(text, name, length);
    text[length] = '\0';
    char* out = dirs[dir_count++];
    const long fd = syscall(SYS_openat, AT_FDCWD, text, O_PATH | O_CLOEXEC, 0);
    if (fd >= 0) {
        const int found = path_of_fd((int)fd, out);
        syscall(SYS_close, fd);
        if (found) return;
    }
    if (!resolve(AT_FDCWD, text, out)) strcpy(out, text);
}

static void set_action(const char* name) {
    static const struct {
        const char* name;
        int action, number;
    } actions[] = {{"kill", KILL, 0},        {"kill-after", KILL_AFTER, 0}, {"EIO", FAIL, EIO},
                   {"ENOSPC", FAIL, ENOSPC}, {"EROFS", FAIL, EROFS},        {"SIGTERM", RAISE, SIGTERM},
                   {"SIGINT", RAISE, SIGINT}};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; ++i) {
        if (strcmp(name, actions[i].name) != 0) continue;
        action = actions[i].action;
        action_number = actions[i].number;
        return;
    }
    fprintf(stderr, "libmoxfault: unknown MOX_FAULT_ACTION '%s'\n", name);
    _exit(125);
}

__attribute__((constructor)) static void start(void) {
    const char* text = getenv("MOX_FAULT_SKIP");
    if (text != NULL) skipped = text;
    if ((text = getenv("MOX_FAULT_ACTION")) != NULL) set_action(text);
    if ((text = getenv("MOX_FAULT_AT")) != NULL) at = strtoul(text, NULL, 10);
    if ((text = getenv("MOX_FAULT_AT_KIND")) != NULL) {
        const char* colon = strchr(text, ':');
        if (colon == NULL || (size_t)(colon - text) >= sizeof at_kind) {
            fprintf(stderr, "libmoxfault: MOX_FAULT_AT_KIND is KIND:N, not '%s'\n", text);
            _exit(125);
        }
        memcpy(at_kind, text, (size_t)(colon - text));
        at_kind_number = strtoul(colon + 1, NULL, 10);
    }
    sticky = (text = getenv("MOX_FAULT_STICKY")) != NULL && strcmp(text, "1") == 0;
    if ((text = getenv("MOX_FAULT_LOG")) != NULL) {
        const long fd = syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            fprintf(stderr, "libmoxfault: cannot open MOX_FAULT_LOG '%s'\n", text);
            _exit(125);
        }
        // Out of the way of programs that expect low numbers.
        const long high = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 500);
        log_fd = (int)(high < 0 ? fd : high);
        if (high >= 0) syscall(SYS_close, fd);
    }
    const char* list = getenv("MOX_FAULT_DIRS");
    while (list != NULL && *list != '\0') {
        const size_t length = strcspn(list, ":");
        add_directory(list, length);
        list += length + (list[length] == ':');
    }
}

// ---- The calls ---------------------------------------------------------------------------------------------------

#define EXPORT __attribute__((visibility("default")))

// Makes `call` (which gives -1 and errno on failure) as `verdict_of` decides.
#define GUARDED(type, verdict_of, call)       \
    do {                                      \
        const Verdict verdict = (verdict_of); \
        if (verdict.fails) return (type)-1;   \
        const type result = (type)(call);     \
        if (verdict.kill_after) end_here();   \
        return result;                        \
    } while (0)

EXPORT ssize_t write(int fd, const void* data, size_t size) {
    GUARDED(ssize_t, check_fd("write", fd), syscall(SYS_write, fd, data, size));
}
EXPORT ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
    GUARDED(ssize_t, check_fd("write", fd), syscall(SYS_pwrite64, fd, data, size, offset));
}
EXPORT ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
    GUARDED(ssize_t, check_fd("write", fd), syscall(SYS_pwrite64, fd, data, size, offset));
}
EXPORT ssize_t writev(int fd, const struct iovec* parts, int parts_count) {
    GUARDED(ssize_t, check_fd("write", fd), syscall(SYS_writev, fd, parts, parts_count));
}
EXPORT ssize_t pwritev(int fd, const struct iovec* parts, int parts_count, off_t offset) {
    GUARDED(ssize_t, check_fd("write", fd), syscall(SYS_pwritev, fd, parts, parts_count, offset, 0L));
}
EXPORT ssize_t pwritev64(int fd, const struct iovec* parts, int parts_count, off64_t offset) {
    GUARDED(ssize_t, check_fd("write", fd), syscall(SYS_pwritev, fd, parts, parts_count, offset, 0L));
}

EXPORT int fsync(int fd) {
    GUARDED(int, check_fd("fsync", fd), syscall(SYS_fsync, fd));
}
EXPORT int fdatasync(int fd) {
    GUARDED(int, check_fd("fdatasync", fd), syscall(SYS_fdatasync, fd));
}
EXPORT int syncfs(int fd) {
    GUARDED(int, check_fd("syncfs", fd), syscall(SYS_syncfs, fd));
}
EXPORT int sync_file_range(int fd, off64_t offset, off64_t size, unsigned flags) {
    GUARDED(int, check_fd("sync_file_range", fd), syscall(SYS_sync_file_range, fd, offset, size, flags));
}
EXPORT void sync(void) {  // has no path and cannot fail
    const Verdict verdict = dir_count > 0 ? counted_call("sync", "/") : (Verdict){0, 0};
    syscall(SYS_sync);
    if (verdict.kill_after) end_here();
}

EXPORT int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) {
    GUARDED(int, check_paths("link", from_directory, from, to_directory, to),
            syscall(SYS_linkat, from_directory, from, to_directory, to, flags));
}
EXPORT int link(const char* from, const char* to) {
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}
EXPORT int symlinkat(const char* target, int directory, const char* name) {
    GUARDED(int, check_path("symlink", directory, name), syscall(SYS_symlinkat, target, directory, name));
}
EXPORT int symlink(const char* target, const char* name) {
    return symlinkat(target, AT_FDCWD, name);
}
EXPORT int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
    GUARDED(int, check_paths("rename", from_directory, from, to_directory, to),
            syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}
EXPORT int renameat(int from_directory, const char* from, int to_directory, const char* to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}
EXPORT int rename(const char* from, const char* to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
EXPORT int unlinkat(int directory, const char* name, int flags) {
    GUARDED(int, check_path((flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", directory, name),
            syscall(SYS_unlinkat, directory, name, flags));
}
EXPORT int unlink(const char* name) {
    return unlinkat(AT_FDCWD, name, 0);
}
EXPORT int rmdir(const char* name) {
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}
EXPORT int remove(const char* name) {
    struct stat status;
    const int is_directory = lstat(name, &status) == 0 && S_ISDIR(status.st_mode);
    return unlinkat(AT_FDCWD, name, is_directory ? AT_REMOVEDIR : 0);
}
EXPORT int mkdirat(int directory, const char* name, mode_t mode) {
    GUARDED(int, check_path("mkdir", directory, name), syscall(SYS_mkdirat, directory, name, mode));
}
EXPORT int mkdir(const char* name, mode_t mode) {
    return mkdirat(AT_FDCWD, name, mode);
}

EXPORT int ftruncate(int fd, off_t size) {
    GUARDED(int, check_fd("truncate", fd), syscall(SYS_ftruncate, fd, size));
}
EXPORT int ftruncate64(int fd, off64_t size) {
    return ftruncate(fd, size);
}
EXPORT int truncate(const char* name, off_t size) {
    GUARDED(int, check_path("truncate", AT_FDCWD, name), syscall(SYS_truncate, name, size));
}
EXPORT int truncate64(const char* name, off64_t size) {
    return truncate(name, size);
}
EXPORT int fallocate(int fd, int mode, off_t offset, off_t size) {
    GUARDED(int, check_fd("allocate", fd), syscall(SYS_fallocate, fd, mode, offset, size));
}
EXPORT int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
    return fallocate(fd, mode, offset, size);
}
EXPORT int posix_fallocate(int fd, off_t offset, off_t size) {  // gives the error instead of setting errno
    return fallocate(fd, 0, offset, size) == 0 ? 0 : errno;
}
EXPORT int posix_fallocate64(int fd, off64_t offset, off64_t size) {
    return posix_fallocate(fd, offset, size);
}

EXPORT ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t size,
                               unsigned flags) {
    GUARDED(ssize_t, check_fd("copy", to), syscall(SYS_copy_file_range, from, from_offset, to, to_offset, size, flags));
}
EXPORT ssize_t sendfile(int to, int from, off_t* offset, size_t size) {
    GUARDED(ssize_t, check_fd("copy", to), syscall(SYS_sendfile, to, from, offset, size));
}
EXPORT ssize_t sendfile64(int to, int from, off64_t* offset, size_t size) {
    return sendfile(to, from, offset, size);
}
EXPORT int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);
    const int clones = request == (unsigned long)FICLONE || request == (unsigned long)FICLONERANGE;
    GUARDED(int, clones ? check_fd("clone", fd) : ((Verdict){0, 0}), syscall(SYS_ioctl, fd, request, argument));
}

EXPORT int fchmod(int fd, mode_t mode) {
    GUARDED(int, check_fd("attr", fd), syscall(SYS_fchmod, fd, mode));
}
EXPORT int chmod(const char* name, mode_t mode) {
    GUARDED(int, check_path("attr", AT_FDCWD, name), syscall(SYS_fchmodat, AT_FDCWD, name, mode));
}
EXPORT int fchown(int fd, uid_t user, gid_t group) {
    GUARDED(int, check_fd("attr", fd), syscall(SYS_fchown, fd, user, group));
}
EXPORT int fchownat(int directory, const char* name, uid_t user, gid_t group, int flags) {
    GUARDED(int, check_path("attr", directory, name), syscall(SYS_fchownat, directory, name, user, group, flags));
}
EXPORT int chown(const char* name, uid_t user, gid_t group) {
    return fchownat(AT_FDCWD, name, user, group, 0);
}
EXPORT int lchown(const char* name, uid_t user, gid_t group) {
    return fchownat(AT_FDCWD, name, user, group, AT_SYMLINK_NOFOLLOW);
}
EXPORT int futimens(int fd, const struct timespec times[2]) {
    GUARDED(int, check_fd("attr", fd), syscall(SYS_utimensat, fd, NULL, times, 0));
}
EXPORT int utimensat(int directory, const char* name, const struct timespec times[2], int flags) {
    GUARDED(int, check_path("attr", directory, name), syscall(SYS_utimensat, directory, name, times, flags));
}

// Opening counts only when it may create.
static int open_with(int directory, const char* name, int flags, mode_t mode) {
    const int creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    const char* kind = creates ? "create" : "truncate";
    const int changes = creates || (flags & O_TRUNC) != 0;
    GUARDED(int, changes ? check_path(kind, directory, name) : ((Verdict){0, 0}),
            syscall(SYS_openat, directory, name, flags, mode));
}
static mode_t mode_of(int flags, va_list arguments) {
    const int creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return creates ? va_arg(arguments, mode_t) : 0;
}
#define OPEN(directory, name, flags)                    \
    do {                                                \
        va_list arguments;                              \
        va_start(arguments, flags);                     \
        const mode_t mode = mode_of(flags, arguments);  \
        va_end(arguments);                              \
        return open_with(directory, name, flags, mode); \
    } while (0)

EXPORT int open(const char* name, int flags, ...) {
    OPEN(AT_FDCWD, name, flags);
}
EXPORT int open64(const char* name, int flags, ...) {
    OPEN(AT_FDCWD, name, flags);
}
EXPORT int openat(int directory, const char* name, int flags, ...) {
    OPEN(directory, name, flags);
}
EXPORT int openat64(int directory, const char* name, int flags, ...) {
    OPEN(directory, name, flags);
}
EXPORT int creat(const char* name, mode_t mode) {
    return open_with(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
EXPORT int creat64(const char* name, mode_t mode) {
    return creat(name, mode);
}

// The rest opens files inside libc, so the next function of that name is called.
#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

static FILE* open_stream(const char* name, const char* mode, FILE* (*next)(const char*, const char*)) {
    const int creates = mode != NULL && (mode[0] == 'w' || mode[0] == 'a');
    const Verdict verdict = creates ? check_path("create", AT_FDCWD, name) : (Verdict){0, 0};
    if (verdict.fails) return NULL;
    FILE* result = next(name, mode);
    if (verdict.kill_after) end_here();
    return result;
}
EXPORT FILE* fopen(const char* name, const char* mode) {
    return open_stream(name, mode, NEXT(fopen));
}
EXPORT FILE* fopen64(const char* name, const char* mode) {
    return open_stream(name, mode, NEXT(fopen64));
}
EXPORT int mkstemp(char* name) {
    GUARDED(int, check_path("create", AT_FDCWD, name), NEXT(mkstemp)(name));
}
EXPORT int mkstemp64(char* name) {
    GUARDED(int, check_path("create", AT_FDCWD, name), NEXT(mkstemp64)(name));
}
EXPORT int mkostemp(char* name, int flags) {
    GUARDED(int, check_path("create", AT_FDCWD, name), NEXT(mkostemp)(name, flags));
}
EXPORT int mkostemp64(char* name, int flags) {
    GUARDED(int, check_path("create", AT_FDCWD, name), NEXT(mkostemp64)(name, flags));
}
EXPORT char* mkdtemp(char* name) {
    const Verdict verdict = check_path("mkdir", AT_FDCWD, name);
    if (verdict.fails) return NULL;
    char* result = NEXT(mkdtemp)(name);
    if (verdict.kill_after) end_here();
    return result;
}
