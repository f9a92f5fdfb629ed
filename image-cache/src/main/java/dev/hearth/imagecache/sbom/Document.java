package dev.hearth.imagecache.sbom;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.reference.ImageReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.Metadata;
import org.cyclonedx.model.Property;
import org.cyclonedx.model.metadata.ToolInformation;

/**
 * A CycloneDX document about one image: the image itself in {@code metadata.component}, its
 * distribution and its packages in {@code components}. The same image gives the same bytes but for
 * the time.
 */
final class Document {
    /** A property of the metadata, one for each database that could not be read. */
    static final String GAP = "hearth:sbom:not-read";

    /** A property of the metadata: how many packages were found. */
    static final String COUNT = "hearth:sbom:os-packages";

    private final Digest image;
    private final OsRelease os;
    private final Inventory inventory;
    private final Set<String> references = new HashSet<>();

    Document(Digest image, OsRelease os, Inventory inventory) {
        this.image = image;
        this.os = os;
        this.inventory = inventory;
    }

    byte[] write(ImageReference reference, Instant when) {
        Bom bom = new Bom();
        bom.setSerialNumber("urn:uuid:" + uuid());
        bom.setMetadata(metadata(reference, when));
        if (!os.id().isEmpty()) {
            bom.addComponent(distribution());
        }
        for (OsPackage one : inventory.packages()) {
            bom.addComponent(component(one));
        }
        try {
            return BomGeneratorFactory.createJson(Version.VERSION_16, bom)
                    .toJsonString()
                    .getBytes(StandardCharsets.UTF_8);
        } catch (GeneratorException e) {
            throw new IllegalStateException("the document cannot be written", e);
        }
    }

    /** Of the digest's first 16 bytes; version 8 of RFC 9562 is for such. */
    private UUID uuid() {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(image.hex()));
        long high = (bytes.getLong() & ~0xf000L) | 0x8000L;
        long low = (bytes.getLong() & ~(3L << 62)) | (2L << 62);
        return new UUID(high, low);
    }

    private Metadata metadata(ImageReference reference, Instant when) {
        Component hearth = new Component();
        hearth.setType(Component.Type.APPLICATION);
        hearth.setName("hearth");
        ToolInformation tools = new ToolInformation();
        tools.setComponents(List.of(hearth));
        Metadata metadata = new Metadata();
        metadata.setTimestamp(Date.from(when));
        metadata.setToolChoice(tools);
        metadata.setComponent(container(reference));
        metadata.addProperty(new Property(COUNT, Integer.toString(inventory.packages().size())));
        for (String gap : inventory.gaps()) {
            metadata.addProperty(new Property(GAP, gap));
        }
        return metadata;
    }

    private Component container(ImageReference reference) {
        Component container = new Component();
        container.setType(Component.Type.CONTAINER);
        container.setBomRef(unique("image"));
        container.setName(reference.toString());
        container.setVersion(image.value());
        container.addHash(new Hash(Hash.Algorithm.SHA_256, image.hex()));
        if (reference instanceof ImageReference.Registry registry) {
            PackageUrls.of(registry, image).ifPresent(container::setPurl);
        }
        return container;
    }

    private Component distribution() {
        Component distribution = new Component();
        distribution.setType(Component.Type.OPERATING_SYSTEM);
        distribution.setBomRef(unique("os"));
        distribution.setName(os.id());
        if (!os.version().isEmpty()) {
            distribution.setVersion(os.version());
        }
        if (!os.prettyName().isEmpty()) {
            distribution.setDescription(os.prettyName());
        }
        return distribution;
    }

    private Component component(OsPackage one) {
        Component component = new Component();
        Optional<String> url = PackageUrls.of(one, os);
        component.setType(Component.Type.LIBRARY);
        component.setBomRef(unique(url.orElse(one.kind().type() + "/" + one.name())));
        component.setName(one.name());
        if (!one.version().isEmpty()) {
            component.setVersion(one.fullVersion());
        }
        if (!one.license().isEmpty()) {
            component.setLicenses(SpdxLicenses.choice(one.license()));
        }
        url.ifPresent(component::setPurl);
        return component;
    }

    /** Two packages can have one URL where a database is odd; their references must differ. */
    private String unique(String wanted) {
        String reference = wanted;
        for (int i = 2; !references.add(reference); i++) {
            reference = wanted + "#" + i;
        }
        return reference;
    }
}
