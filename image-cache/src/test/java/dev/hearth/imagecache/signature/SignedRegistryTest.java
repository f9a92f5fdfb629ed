package dev.hearth.imagecache.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.fixture.DebianRegistry;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Push;
import dev.hearth.imagecache.fixture.Signer;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures beside images in a real registry, laid out as cosign does. */
@Tag("needs-tools")
class SignedRegistryTest {
    private final Signer signer = Signer.create();
    @TempDir Path temp;
    private DebianRegistry registry;
    private ImageCache cache;
    private Push push;
    private Path signers;
    private Digest image;

    @BeforeEach
    void setUp() throws Exception {
        registry = new DebianRegistry(temp.resolve("registry"), "");
        CacheOptions options = CacheOptions.in(temp.resolve("data"));
        cache = ImageCache.open(options, Clock.system());
        push = new Push(registry.host(), "team/app");
        signers = Files.createDirectories(options.signers(ProjectName.DEFAULT));
        image = pushImage("1", "hello");
    }

    @AfterEach
    void tearDown() throws Exception {
        push.close();
        cache.close();
        registry.close();
    }

    @Test
    void resolve_signed_deploys() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        push.signatures(image, signer.sign(image));

        ResolvedImage resolved = cache.resolve(reference("1"));
        cache.prefetch(resolved);

        assertThat(resolved.digest()).isEqualTo(image);
        assertThat(cache.open(image).layers()).hasSize(1);
        assertThat(cache.resolve(reference("1") + "@" + image).digest()).isEqualTo(image);
    }

    @Test
    void resolve_forAnotherProject_itsOwnSignersCount() throws Exception {
        ProjectName acme = new ProjectName("acme");
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        assertThat(cache.resolve(acme, reference("1")).digest()).isEqualTo(image);
        assertRefused("1", "image-not-signed", "");

        Path its = Files.createDirectories(temp.resolve("data/projects/acme/signers"));
        Files.writeString(its.resolve("its.pub"), Signer.create().pem());
        push.signatures(image, signer.sign(image));
        assertThat(cache.resolve(reference("1")).digest()).isEqualTo(image);
        assertThatThrownBy(() -> cache.resolve(acme, reference("1")))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("bad-signature"));
    }

    @Test
    void resolve_noKeys_unsignedDeploys() throws Exception {
        assertThat(cache.resolve(reference("1")).digest()).isEqualTo(image);
        Files.delete(signers);
        assertThat(cache.resolve(reference("1")).digest()).isEqualTo(image);
    }

    @Test
    void resolve_unsigned_refusedWithWhatToDo() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());

        assertRefused("1", "image-not-signed", "cosign sign --key FILE");
    }

    @Test
    void resolve_signedByAnother_refused() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        push.signatures(image, Signer.create().sign(image));

        assertRefused("1", "bad-signature", "by none of the project's signers");
    }

    @Test
    void resolve_signatureOfAnotherImage_refused() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        Digest other = pushImage("2", "other");
        push.signatures(other, signer.sign(other));
        push.signatures(image, signer.sign(other));

        assertThat(cache.resolve(reference("2")).digest()).isEqualTo(other);
        assertRefused("1", "bad-signature", "is for another image");
    }

    @Test
    void resolve_payloadAltered_refused() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        Digest other = pushImage("2", "other");
        Signer.Signed good = signer.sign(other);
        push.signatures(image, new Signer.Signed(Signer.payload(image), good.signature()));

        assertRefused("1", "bad-signature", "by none of the project's signers");
    }

    @Test
    void resolve_severalKeysAndSignatures_oneGoodIsEnough() throws Exception {
        Signer second = Signer.create();
        Files.writeString(signers.resolve("a.pub"), Signer.create().pem());
        Files.writeString(signers.resolve("b.pem"), Signer.create().pem() + second.pem());
        Signer.Signed torn = new Signer.Signed(Signer.payload(image), new byte[] {1, 2, 3});
        push.signatures(image, torn, signer.sign(image), second.sign(image));

        assertThat(cache.resolve(reference("1")).digest()).isEqualTo(image);
    }

    @Test
    void resolve_keyAddedAndRemoved_countsAtOnce() throws Exception {
        push.signatures(image, signer.sign(image));
        Path other = Files.writeString(signers.resolve("a.pub"), Signer.create().pem());
        assertRefused("1", "bad-signature", "");

        Path ours = Files.writeString(signers.resolve("b.pub"), signer.pem());
        assertThat(cache.resolve(reference("1")).digest()).isEqualTo(image);

        Files.delete(ours);
        assertRefused("1", "bad-signature", "");
        Files.delete(other);
        assertThat(cache.resolve(reference("1")).digest()).isEqualTo(image);
    }

    @Test
    void resolve_index_signatureOnItOrOnTheManifestCounts() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        Digest index = pushIndex("multi");
        assertRefused("multi", "image-not-signed", "@" + index);

        push.signatures(index, signer.sign(index));
        assertThat(cache.resolve(reference("multi")).digest()).isEqualTo(image);
        // The index vouches for its manifests only where it is asked for.
        assertRefused("1", "image-not-signed", "@" + image);

        push.signatures(index, Signer.create().sign(index));
        assertRefused("multi", "bad-signature", "");
        push.signatures(image, signer.sign(image));
        assertThat(cache.resolve(reference("multi")).digest()).isEqualTo(image);
    }

    @Test
    void resolve_hostileSignatureManifests_refused() throws Exception {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        Signer.Signed[] many = new Signer.Signed[ImageSignature.MOST + 1];
        java.util.Arrays.fill(many, signer.sign(image));
        push.signatures(image, many);
        assertRefused("1", "bad-signature", "more than 64 signatures");

        push.signatures(image, signer.sign(Signer.payload(image) + " ".repeat(65 * 1024)));
        assertRefused("1", "bad-signature", "what is stored as its signature is none");

        push.signatures(image, signer.sign("[".repeat(1000)));
        assertRefused("1", "bad-signature", "is for another image");

        push.signatures(image);
        assertRefused("1", "bad-signature", "what is stored as its signature is none");
    }

    private Digest pushImage(String tag, String content) throws Exception {
        Layer layer = Layer.gzip(new Tar().file("f", content));
        String config = Layout.config(layer);
        byte[] configBytes = config.getBytes(StandardCharsets.UTF_8);
        return push.manifest(
                tag,
                MediaTypes.OCI_MANIFEST,
                """
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}
                """
                        .formatted(
                                MediaTypes.OCI_MANIFEST,
                                Layout.descriptor(
                                        MediaTypes.OCI_CONFIG,
                                        push.blob(configBytes),
                                        configBytes.length),
                                Layout.descriptor(
                                        layer.mediaType(),
                                        push.blob(layer.blob()),
                                        layer.blob().length)));
    }

    private Digest pushIndex(String tag) throws Exception {
        String entry = Layout.descriptor(MediaTypes.OCI_MANIFEST, image, push.manifestBytes(image));
        return push.manifest(
                tag,
                MediaTypes.OCI_INDEX,
                """
                {"schemaVersion":2,"mediaType":"%s","manifests":[%s,"platform":\
                {"os":"linux","architecture":"%s"}}]}
                """
                        .formatted(
                                MediaTypes.OCI_INDEX,
                                entry.substring(0, entry.length() - 1),
                                Platform.host().architecture()));
    }

    private String reference(String tag) {
        return registry.host() + "/team/app:" + tag;
    }

    private void assertRefused(String tag, String reason, String why) {
        assertThatThrownBy(() -> cache.resolve(reference(tag)))
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(why);
    }
}
