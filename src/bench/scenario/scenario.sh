# Sourced by each scenario's run: finds what a scenario needs and becomes it. Not to be run by itself.
# shellcheck shell=bash

# scenario NAME MAIN_CLASS ARGUMENT…: NAME is what `hearth bench` calls it
scenario() {
  local name="$1" main="$2" root layout
  shift 2
  root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
  # `hearth` finds the JDK and builds, and then comes back here
  [ -n "${HEARTH_BENCH_JAVA:-}" ] || exec "$root/hearth" bench "$name" "$@"
  layout="$("$root/src/testing/images/build" hello-c)"
  # the client shares the machine with what it measures: a small heap unless HEAP says
  # otherwise, one thread of collection
  exec "$HEARTH_BENCH_JAVA" -XX:+UseSerialGC -Xmx"${HEAP:-256m}" --enable-native-access=ALL-UNNAMED \
    -cp "$root/src/bench/target/classes:$root/src/bench/target/lib/*" "$main" \
    --hearth "$root/hearth" --image "oci:$layout" --binary "$layout/hello" "$@"
}
