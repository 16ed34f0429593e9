/* Makes one system call of the program under test fail, as a bad disk does: preloaded by tests/overnight.rs.
 *
 * FAIL_CALL   write, fdatasync, fsync or rename: which call
 * FAIL_PATH   only where the file's path ends in this
 * FAIL_AFTER  this many such calls (of write: bytes) still succeed
 * FAIL_TIMES  so many then fail; all without it
 * FAIL_ERRNO  with this error
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long done;
static long failed;

static long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

static int ends(const char *path) {
    const char *ending = getenv("FAIL_PATH");
    size_t length = strlen(path), wanted = ending ? strlen(ending) : 0;
    return length >= wanted && strcmp(path + length - wanted, ending ? ending : "") == 0;
}

static int chosen(const char *call, int file) {
    const char *name = getenv("FAIL_CALL");
    char link[64], path[4096];
    if (!name || strcmp(name, call) != 0) {
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) {
        return 0;
    }
    path[length] = 0;
    return ends(path);
}

/* Whether this call fails, when `amount` more is asked for. */
static int fails(long amount) {
    if (done + amount <= number("FAIL_AFTER", 0) || failed >= number("FAIL_TIMES", 1L << 40)) {
        done += amount;
        return 0;
    }
    failed++;
    errno = (int)number("FAIL_ERRNO", EIO);
    return 1;
}

ssize_t write(int file, const void *bytes, size_t n) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) {
        real = dlsym(RTLD_NEXT, "write");
    }
    if (chosen("write", file)) {
        long room = number("FAIL_AFTER", 0) - done;
        if (room > 0 && room < (long)n) {
            /* A disk takes what still fits before it says that it is full. */
            n = (size_t)room;
        }
        if (fails((long)n)) {
            return -1;
        }
    }
    return real(file, bytes, n);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) {
        real = dlsym(RTLD_NEXT, "fdatasync");
    }
    return chosen("fdatasync", file) && fails(1) ? -1 : real(file);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) {
        real = dlsym(RTLD_NEXT, "fsync");
    }
    return chosen("fsync", file) && fails(1) ? -1 : real(file);
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    const char *name = getenv("FAIL_CALL");
    if (!real) {
        real = dlsym(RTLD_NEXT, "rename");
    }
    return name && strcmp(name, "rename") == 0 && ends(to) && fails(1) ? -1 : real(from, to);
}
