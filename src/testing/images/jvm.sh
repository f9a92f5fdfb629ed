# jvm: one class on Debian's OpenJDK 17, which is what most Java containers run.
# shellcheck shell=bash disable=SC2034,SC2154
. "$images/debian.sh"

# Any JDK can compile for 17: the one of JAVA_HOME, else the newest below /usr/lib/jvm, else that on the PATH.
find_javac() {
    local candidate
    for candidate in "${JAVA_HOME:-/none}/bin/javac" \
        $(printf '%s\n' /usr/lib/jvm/*/bin/javac | sort -t- -k2 -rV) "$(command -v javac)"; do
        if [[ -x $candidate ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "no javac found: set JAVA_HOME to a JDK of 17 or newer, or apt-get install openjdk-17-jdk-headless"
}

build_image() {
    local layout=$1 work=$2 javac
    javac=$(find_javac)
    "$javac" --release 17 -Xlint:all -Werror -d "$work/application/app" "$images/jvm/Hello.java"
    chmod -R u=rwX,go=rX "$work/application"
    debian_image "$layout" "$work" openjdk-17-jre-headless

    oci_layer "$work/application" "COPY Hello.class /app/"
    oci_entrypoint=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
    oci_command=(-cp /app Hello)
    oci_close
}
