package dev.hearth.runtime.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Debian's kernel, unpacked, not installed.
 *
 * @param image what a boot loader loads
 * @param version as {@code uname -r} tells
 * @param modules the directory of its modules, those that we use
 */
record DebianKernel(Path image, String version, Path modules) {
    private static final Pattern CONCRETE = Pattern.compile("Depends: (linux-image-\\S+)");

    /** The kernel that linux-image-amd64 stands for now, from the cache or downloaded. */
    static DebianKernel fetch() throws IOException {
        Programs.need("apt-get", "apt");
        Path here = Path.of("/");
        Matcher concrete =
                CONCRETE.matcher(Programs.run(here, "apt-cache", "depends", "linux-image-amd64"));
        if (!concrete.find()) {
            throw new IOException(
                    "apt knows no linux-image-amd64; run apt-get update, and see that its sources"
                            + " name a Debian release for amd64");
        }
        String name = concrete.group(1);
        Path unpacked =
                TestCache.directory(name + "-with-zram", directory -> unpack(name, directory));
        String version = name.substring("linux-image-".length());
        return new DebianKernel(
                unpacked.resolve("boot/vmlinuz-" + version),
                version,
                unpacked.resolve("lib/modules/" + version));
    }

    private static void unpack(String name, Path directory) throws IOException {
        Files.createDirectories(directory);
        Programs.run(directory, "apt-get", "-qq", "download", name);
        Path archive;
        try (Stream<Path> files = Files.list(directory)) {
            archive = files.findFirst().orElseThrow();
        }
        Programs.run(
                directory,
                "sh",
                "-c",
                "dpkg-deb --fsys-tarfile "
                        + archive.getFileName()
                        + " | tar -x --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.*'"
                        + " './lib/modules/*/kernel/net/*' './lib/modules/*/kernel/lib/*'"
                        + " './lib/modules/*/kernel/crypto/*'"
                        + " './lib/modules/*/kernel/fs/overlayfs/*'"
                        + " './lib/modules/*/kernel/drivers/block/zram/*'"
                        + " './lib/modules/*/kernel/mm/*'"
                        + " './lib/modules/*/kernel/drivers/net/veth.ko'");
        Files.delete(archive);
    }
}
