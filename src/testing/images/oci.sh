# Writes OCI image layouts (image-spec 1.0) with tar, gzip and sha256sum. One image at a time:
#   oci_open DIR; oci_layer ROOT WHY...; set the oci_* variables below; oci_close
# shellcheck shell=bash

# The runtime configuration; an image script overwrites what it needs before oci_close.
oci_env=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
oci_entrypoint=()
oci_command=()
oci_directory=/
oci_user=
oci_port=8080

oci_tar_options=() # more options of tar, for trees whose owners are an accident

oci_layout=
oci_layers=()   # descriptors, as JSON
oci_diff_ids=() # as JSON
oci_history=()  # as JSON

oci_open() {
    oci_layout=$1
    mkdir -p "$oci_layout/blobs/sha256"
    printf '{"imageLayoutVersion":"1.0.0"}\n' >"$oci_layout/oci-layout"
}

# oci_tar ROOT: the tree as a tar stream that depends on nothing but its names, modes, owners and contents.
# Names come without "./" in front, as in the layers that other builders make.
oci_tar() (
    cd "$1" || exit
    find . -mindepth 1 -maxdepth 1 -printf '%P\0' | LC_ALL=C sort -z |
        LC_ALL=C tar --create --null --files-from=- --sort=name --mtime=@0 --numeric-owner --format=posix \
            --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
            "${oci_tar_options[@]}"
)

# oci_pack ROOT FILE: FILE becomes the gzip layer and FILE.diff-id the digest of its tar.
oci_pack() {
    oci_tar "$1" >"$2.tar"
    printf 'sha256:%s\n' "$(sha256sum <"$2.tar" | cut -d' ' -f1)" >"$2.diff-id"
    gzip -n -6 <"$2.tar" >"$2"
    rm "$2.tar"
}

# oci_blob FILE: moves the file into the layout; answers "sha256:HEX SIZE".
oci_blob() {
    local digest size
    digest=$(sha256sum <"$1" | cut -d' ' -f1)
    size=$(stat -c %s "$1")
    mv "$1" "$oci_layout/blobs/sha256/$digest"
    printf 'sha256:%s %s\n' "$digest" "$size"
}

# oci_packed_layer FILE WHY: adds a layer that oci_pack has made, and leaves the file where it is.
oci_packed_layer() {
    local blob=$oci_layout/layer digest size described
    ln "$1" "$blob" 2>/dev/null || cp "$1" "$blob"
    described=$(oci_blob "$blob")
    read -r digest size <<<"$described"
    oci_layers+=("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"$digest\",\"size\":$size}")
    oci_diff_ids+=("\"$(cat "$1.diff-id")\"")
    oci_history+=("{\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":$(oci_string "$2")}")
}

# oci_layer ROOT WHY: adds the tree as the next layer.
oci_layer() {
    oci_pack "$1" "$oci_layout/packed"
    oci_packed_layer "$oci_layout/packed" "$2"
    rm "$oci_layout/packed" "$oci_layout/packed.diff-id"
}

# The JSON of a string without control characters, and of a list of them.
oci_string() {
    local text=${1//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

oci_strings() {
    local list=() item
    for item; do
        list+=("$(oci_string "$item")")
    done
    oci_list "${list[@]}"
}

# oci_list JSON...: a JSON array.
oci_list() {
    local IFS=,
    printf '[%s]' "$*"
}

# oci_config: the image configuration.
oci_config() {
    printf '{"created":"1970-01-01T00:00:00Z","architecture":"amd64","os":"linux","config":{'
    printf '"Env":%s,' "$(oci_strings "${oci_env[@]}")"
    ((${#oci_entrypoint[@]} == 0)) || printf '"Entrypoint":%s,' "$(oci_strings "${oci_entrypoint[@]}")"
    ((${#oci_command[@]} == 0)) || printf '"Cmd":%s,' "$(oci_strings "${oci_command[@]}")"
    [[ -z $oci_user ]] || printf '"User":%s,' "$(oci_string "$oci_user")"
    printf '"ExposedPorts":{"%s/tcp":{}},"WorkingDir":%s},' "$oci_port" "$(oci_string "$oci_directory")"
    printf '"rootfs":{"type":"layers","diff_ids":%s},' "$(oci_list "${oci_diff_ids[@]}")"
    printf '"history":%s}' "$(oci_list "${oci_history[@]}")"
}

# oci_close: writes configuration, manifest and index.
oci_close() {
    local digest size described
    oci_config >"$oci_layout/config"
    described=$(oci_blob "$oci_layout/config")
    read -r digest size <<<"$described"
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":%s}' \
        "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"$digest\",\"size\":$size}" \
        "$(oci_list "${oci_layers[@]}")" >"$oci_layout/manifest"
    described=$(oci_blob "$oci_layout/manifest")
    read -r digest size <<<"$described"
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}\n' \
        "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"$digest\",\"size\":$size,\
\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"},\
\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}}" >"$oci_layout/index.json"
}
