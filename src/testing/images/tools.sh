# What every image script needs: messages, missing tools, cache entries.
# shellcheck shell=bash disable=SC2154

say() {
    printf 'images: %s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

# hash_of PATH...: one hash over the names and contents of files and directories below $images.
hash_of() {
    (cd "$images" && find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

# cached NAME-HASH MAKE: unless the cache has the entry, calls `MAKE RESULT WORK`, which creates the directory
# RESULT and may litter the directory WORK, and publishes RESULT by rename. One caller at a time; others wait.
cached() {
    local entry=$cache/$1 make=$2
    if [[ -d $entry ]]; then
        return
    fi
    mkdir -p "$cache"
    (
        flock 9
        if [[ -d $entry ]]; then
            exit # somebody else made it while we waited
        fi
        work=$(mktemp -d "$cache/.building-$1.XXXXXX")
        trap 'rm -rf "$work"' EXIT
        say "building $1"
        "$make" "$work/result" "$work" >&2
        mv -T "$work/result" "$entry"
        say "built $1: $(du -sh "$entry" | cut -f1)"
    ) 9>"$cache/.${1%-*}.lock"
}

# need COMMAND PACKAGE...: installs the packages when the command is missing.
need() {
    local command=$1
    shift
    if command -v "$command" >/dev/null; then
        return
    fi
    ((EUID == 0)) || fail "$command is missing and only root can install it: apt-get install $*"
    say "$command is missing: installing $*"
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" >&2 ||
        fail "$* could not be installed; 'apt-get update' may be due"
}
