# What every image script needs: messages, missing tools, the hash that names a cache entry.
# shellcheck shell=bash disable=SC2034,SC2154

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
