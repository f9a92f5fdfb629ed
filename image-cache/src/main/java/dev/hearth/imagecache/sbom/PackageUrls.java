package dev.hearth.imagecache.sbom;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURLBuilder;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.reference.ImageReference;
import java.util.Optional;

/**
 * <a href="https://github.com/package-url/purl-spec">Package URLs</a>: the names by which scanners
 * find what is known of a package. Empty where a name cannot be written as one.
 */
final class PackageUrls {
    private PackageUrls() {}

    /** As {@code pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12}. */
    static Optional<String> of(OsPackage one, OsRelease os) {
        PackageURLBuilder url =
                PackageURLBuilder.aPackageURL()
                        .withType(one.kind().type())
                        .withNamespace(namespace(one.kind(), os))
                        .withName(one.name());
        if (!one.version().isEmpty()) {
            url.withVersion(one.version());
        }
        qualify(url, "arch", one.architecture());
        qualify(url, "distro", os.distribution());
        qualify(url, "epoch", one.epoch());
        qualify(url, "upstream", one.upstream());
        return text(url);
    }

    /** As {@code pkg:oci/app@sha256:…?repository_url=registry.example/team/app&tag=1}. */
    static Optional<String> of(ImageReference.Registry image, Digest manifest) {
        String repository = image.repository();
        PackageURLBuilder url =
                PackageURLBuilder.aPackageURL()
                        .withType("oci")
                        .withName(repository.substring(repository.lastIndexOf('/') + 1))
                        .withVersion(manifest.value());
        qualify(url, "repository_url", image.host() + "/" + repository);
        qualify(url, "tag", image.digest().isPresent() ? "" : image.tag());
        return text(url);
    }

    /** The distribution; the purl type "rpm" calls Red Hat's by its vendor. */
    private static String namespace(OsPackage.Kind kind, OsRelease os) {
        return switch (os.id()) {
            case "" -> kind.usualDistribution();
            case "rhel" -> "redhat";
            default -> os.id();
        };
    }

    private static void qualify(PackageURLBuilder url, String key, String value) {
        if (!value.isEmpty()) {
            url.withQualifier(key, value);
        }
    }

    private static Optional<String> text(PackageURLBuilder url) {
        try {
            return Optional.of(url.build().canonicalize());
        } catch (MalformedPackageURLException notAName) {
            return Optional.empty();
        }
    }
}
