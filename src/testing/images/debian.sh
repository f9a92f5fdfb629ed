# Debian images: one base layer that all of them share, then a layer of packages, then the application.
# What is downloaded, and from where, is the host's own apt configuration.
# shellcheck shell=bash disable=SC2034,SC2154

debian_user=app # 10001:10001, in the base layer
debian_apt=(apt-get -o DPkg::Lock::Timeout=300 -q)
debian_afterwards=()

# Runs a command whose mounts and left-over processes vanish when it ends, however it ends.
debian_isolated() {
    unshare --mount --pid --fork --kill-child "$@"
}

debian_codename() (
    # shellcheck source=/dev/null
    . /etc/os-release
    printf "%s" "$VERSION_CODENAME"
)

# debian_mirror: answers "SUITE URL" of the distribution's main archive.
debian_mirror() {
    local codename suite release component mirror
    codename=$(debian_codename)
    # shellcheck disable=SC2016 # the variables are apt's
    "${debian_apt[@]}" indextargets --format '$(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        while read -r suite release component mirror; do
            if [[ $component == main && ($suite == "$codename" || $release == "$codename") ]]; then
                printf '%s %s\n' "$codename" "$mirror"
            fi
        done | head -n 1
}

# debian_slim ROOT: removes what a running application does not read.
debian_slim() (
    cd "$1" || exit
    find usr/share/doc -type f ! -name copyright -delete
    find usr/share/doc -type l -delete
    find usr/share/doc -depth -mindepth 1 -type d -empty -delete
    find var/log var/cache -type f -delete
    rm -rf dev/* run/* tmp/* usr/share/{man,info,locale,lintian}/* var/lib/apt/lists/* var/lib/dpkg/*-old
    rm -f etc/{resolv.conf,hostname,machine-id,passwd-,group-,shadow-,gshadow-} etc/apt/sources.list
    mkdir -p usr/share/man/man1 # the JRE's alternatives want it
)

# debian_make_base RESULT WORK: RESULT gets the tree as "root" and the packed layer as "layer".
debian_make_base() {
    local root=$1/root where suite mirror
    ((EUID == 0)) || fail "only root can build a Debian image; hello-c needs no root"
    need debootstrap debootstrap
    where=$(debian_mirror)
    [[ -n $where ]] || fail "apt knows no main archive of this distribution; add it to /etc/apt/sources.list"
    read -r suite mirror <<<"$where"

    mkdir -p "$root"
    chmod 0755 "$1" "$root"
    # wget, which debootstrap uses, does not know apt's proxy
    http_proxy=${http_proxy:-$(apt-config shell proxy Acquire::http::Proxy | cut -d"'" -f2)} \
        debian_isolated debootstrap --variant=minbase "$suite" "$root" "$mirror" ||
        fail "debootstrap failed: its log is gone with the work directory; see the lines above"

    printf 'path-exclude=%s\n' '/usr/share/'{doc,man,info,locale,lintian}'/*' >"$root/etc/dpkg/dpkg.cfg.d/slim"
    printf 'path-include=/usr/share/doc/*/copyright\n' >>"$root/etc/dpkg/dpkg.cfg.d/slim"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # packages must not start services
    chmod 0755 "$root/usr/sbin/policy-rc.d"
    printf '%s:x:10001:10001::/tmp:/usr/sbin/nologin\n' "$debian_user" >>"$root/etc/passwd"
    printf '%s:x:10001:\n' "$debian_user" >>"$root/etc/group"
    printf '%s:!:::::::\n' "$debian_user" >>"$root/etc/shadow"
    sed -i -E 's/^([^:]*:[^:]*):[0-9]+:/\1::/' "$root/etc/shadow" # else the layer depends on the day
    debian_slim "$root"
    oci_pack "$root" "$1/layer"
}

# debian_convert_whiteouts TREE BASE: from the way overlayfs says "deleted" to that of image layers.
debian_convert_whiteouts() {
    local path
    need getfattr attr
    find "$1" -type c -print0 | while IFS= read -r -d "" path; do
        rm "$path"
        : >"${path%/*}/.wh.${path##*/}"
    done
    # every new directory is marked opaque; it only means something where it hides one of the base
    (cd "$1" && getfattr -R -h -m "^trusted\\.overlay\\.opaque$" .) | sed -n "s/^# file: //p" |
        while IFS= read -r path; do
            [[ ! -d $2/$path ]] || : >"$1/$path/.wh..wh..opq"
        done
}

# debian_base: answers the directory of the base layer, which it makes if it has to.
debian_base() {
    local base
    base=base-$(debian_codename)-$(hash_of debian.sh oci.sh)
    cached "$base" debian_make_base
    printf '%s\n' "$cache/$base"
}

# debian_download WORK PACKAGE...: WORK/archives gets these packages and what they need beyond the base.
debian_download() {
    local work=$1 base
    shift
    base=$(debian_base)
    local download=("${debian_apt[@]}" install --download-only -y --no-install-recommends
        -o Dir::State::status="$base/root/var/lib/dpkg/status" -o Dir::Cache::archives="$work/archives"
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@")
    if ! "${download[@]}"; then
        say "downloading $* failed: refreshing apt's lists and trying again"
        "${debian_apt[@]}" update
        "${download[@]}"
    fi
}

# debian_image LAYOUT WORK PACKAGE...: opens a layout with the base layer and a layer of packages.
# The command in debian_afterwards, if any, runs in the tree after the installation.
debian_image() {
    local layout=$1 work=$2 base
    shift 2
    base=$(debian_base)

    mkdir -p "$work"/{upper,overlay,root,archives/partial}
    chmod 0755 "$work/upper"
    debian_download "$work" "$@"
    debian_isolated "$images/debian-install" "$base/root" "$work" "${debian_afterwards[@]}"
    find "$work/upper/var/log" "$work/upper/var/cache" -type f -delete 2>/dev/null || true
    rm -rf "$work/upper"/{dev,proc,run,tmp} "$work/upper"/var/lib/dpkg/*-old
    debian_convert_whiteouts "$work/upper" "$base/root"

    oci_open "$layout"
    oci_packed_layer "$base/layer" "debootstrap --variant=minbase"
    oci_layer "$work/upper" "apt-get install $*"
    oci_user=$debian_user
    oci_directory=/app
}
