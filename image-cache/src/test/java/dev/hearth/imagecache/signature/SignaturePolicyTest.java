package dev.hearth.imagecache.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Signer;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of all kinds, sound and not, and images outside of registries. */
class SignaturePolicyTest {
    private final Signer signer = Signer.create();
    @TempDir Path temp;
    private Layout layout;
    private ImageCache cache;
    private Path signers;
    private Digest image;

    @BeforeEach
    void setUp() throws IOException {
        layout = new Layout(temp.resolve("layout"));
        CacheOptions options = CacheOptions.in(temp.resolve("data"));
        cache = ImageCache.open(options, Clock.system());
        signers = Files.createDirectories(options.signers(ProjectName.DEFAULT));
        image = layout.image("1", Layer.plain(new Tar().file("f", "x")));
    }

    @AfterEach
    void tearDown() {
        cache.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256 genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
                "sha256 genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
                "sha384 genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
                "sha256 genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
                "sha256 genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072",
                "raw genpkey -algorithm ED25519"
            })
    @Tag("needs-tools")
    void resolve_signedByOpenssl_eachKindOfKey(String made) throws IOException {
        Path key = key(made.substring(made.indexOf(' ') + 1));
        String hash = made.substring(0, made.indexOf(' '));
        publicKey(key, signers.resolve("openssl.pem"));

        store(openssl(key, hash, Signer.payload(image)));
        assertThat(cache.resolve(layout.reference("1")).digest()).isEqualTo(image);

        Signer.Signed other = openssl(key, hash, Signer.payload(image) + " ");
        store(new Signer.Signed(Signer.payload(image), other.signature()));
        assertRefused("bad-signature", "by none of the project's signers");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024",
                "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
                "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
                "genpkey -algorithm X25519",
                "genpkey -algorithm ED448"
            })
    @Tag("needs-tools")
    void resolve_unfitKey_nothingIsAccepted(String made) throws IOException {
        publicKey(key(made), signers.resolve("unfit.pub"));
        Files.writeString(signers.resolve("good.pub"), signer.pem());
        store(signer.sign(image));

        assertRefused("signers-unreadable", "unfit.pub has ");
    }

    @Test
    @Tag("needs-tools")
    void resolve_privateKeyOrPkcs1_saysWhatIsWanted() throws IOException {
        Path key = key("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048");
        Path file = Files.copy(key, signers.resolve("key.pem"));
        assertRefused("signers-unreadable", "has a PRIVATE KEY where a PUBLIC KEY is wanted");

        Commands.run(
                "openssl",
                "rsa",
                "-in",
                key.toString(),
                "-RSAPublicKey_out",
                "-out",
                file.toString());
        assertRefused("signers-unreadable", "has a RSA PUBLIC KEY where a PUBLIC KEY is wanted");
    }

    @Test
    void resolve_damagedKeyFiles_nothingIsAccepted() throws IOException {
        Files.writeString(signers.resolve("good.pub"), signer.pem());
        store(signer.sign(image));
        assertThat(cache.resolve(layout.reference("1")).digest()).isEqualTo(image);
        Path bad = signers.resolve("bad.PEM");

        for (String text :
                List.of(
                        "",
                        "hello",
                        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
                        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                        signer.pem().replace("-----END", "----END"),
                        signer.pem() + "-----BEGIN PUBLIC KEY-----\n",
                        signer.pem().repeat(500))) {
            Files.writeString(bad, text);
            assertRefused("signers-unreadable", "bad.PEM has ");
        }
        Files.delete(bad);
        Files.createDirectory(bad);
        assertRefused("signers-unreadable", "bad.PEM is not a file");
        Files.delete(bad);
        Files.createSymbolicLink(bad, temp.resolve("nowhere"));
        assertRefused("signers-unreadable", "bad.PEM is not a file");
        Files.delete(bad);
        Commands.run("mkfifo", bad.toString());
        assertRefused("signers-unreadable", "bad.PEM is not a file");
    }

    @Test
    void resolve_directoryThatHoldsNoKeys_nothingIsAcceptedUnlessEmpty() throws IOException {
        Path stray = Files.writeString(signers.resolve("cosign.pub.txt"), signer.pem());
        assertRefused("signers-unreadable", "none is named *.pem or *.pub");

        Files.move(stray, signers.resolve(".hidden"));
        assertThat(cache.resolve(layout.reference("1")).digest()).isEqualTo(image);

        Files.delete(signers.resolve(".hidden"));
        Files.delete(signers);
        Files.writeString(signers, "not a directory");
        assertRefused("signers-unreadable", "cannot be listed");
    }

    @Test
    void resolve_layoutWithSignatureTag_checked() throws IOException {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        assertRefused("image-not-signed", "cosign sign");

        store(signer.sign(image));
        assertThat(cache.resolve(layout.reference("1")).digest()).isEqualTo(image);
        // The signature is not another image to choose from.
        assertThat(cache.resolve("oci:" + layout.directory()).digest()).isEqualTo(image);

        Files.writeString(layout.blobFile(Digests.of(signer.sign(image).bytes())), "altered");
        assertRefused("bad-signature", "is missing or was altered");
        Files.delete(layout.blobFile(Digests.of(signer.sign(image).bytes())));
        assertRefused("bad-signature", "is missing or was altered");
    }

    @Test
    @Tag("needs-tools")
    void resolve_dockerArchive_countsAsUnsigned() throws IOException {
        Commands.need("skopeo", "skopeo");
        Path archive = temp.resolve("docker.tar");
        Commands.run(
                "skopeo",
                "copy",
                "--insecure-policy",
                layout.reference("1"),
                "docker-archive:" + archive + ":app:1");
        Files.writeString(signers.resolve("release.pub"), signer.pem());

        assertThatThrownBy(() -> cache.resolve("docker-archive:" + archive))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("image-not-signed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "null",
                "{\"layers\":null}",
                "{\"layers\":[null,{}]}",
                "{\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\","
                        + "\"digest\":\"sha256:../../etc/passwd\",\"size\":5,\"annotations\":"
                        + "{\"dev.cosignproject.cosign/signature\":\"AAAA\"}}]}",
                "{\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\","
                        + "\"digest\":\"x\",\"size\":5,\"annotations\":null}]}"
            })
    void resolve_signatureManifestIsNone_refused(String manifest) throws IOException {
        Files.writeString(signers.resolve("release.pub"), signer.pem());
        layout.manifest(Signer.tag(image), manifest);

        assertRefused("bad-signature", "");
    }

    private int stored;

    /** Only the newest counts: the layout's list of images is written anew. */
    private void store(Signer.Signed... signatures) throws IOException {
        if (stored++ > 0) {
            layout = new Layout(layout.directory());
            image = layout.image("1", Layer.plain(new Tar().file("f", "x")));
        }
        for (Signer.Signed one : signatures) {
            layout.blob(one.bytes());
        }
        layout.manifest(Signer.tag(image), Signer.manifest(signatures));
    }

    private Path key(String made) throws IOException {
        Commands.need("openssl", "openssl");
        Path key = Files.createTempFile(temp, "key-", ".private");
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(Arrays.asList(made.split(" ")));
        command.addAll(List.of("-out", key.toString()));
        Commands.run(command.toArray(String[]::new));
        return key;
    }

    private static void publicKey(Path key, Path out) {
        Commands.run("openssl", "pkey", "-in", key.toString(), "-pubout", "-out", out.toString());
    }

    private Signer.Signed openssl(Path key, String hash, String payload) throws IOException {
        Path in = Files.writeString(Files.createTempFile(temp, "payload-", ""), payload);
        Path out = Files.createTempFile(temp, "signature-", "");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "openssl",
                                "pkeyutl",
                                "-sign",
                                "-rawin",
                                "-inkey",
                                key.toString(),
                                "-in",
                                in.toString(),
                                "-out",
                                out.toString()));
        if (!hash.equals("raw")) {
            command.addAll(List.of("-digest", hash));
        }
        Commands.run(command.toArray(String[]::new));
        return new Signer.Signed(payload, Files.readAllBytes(out));
    }

    private void assertRefused(String reason, String why) {
        assertThatThrownBy(() -> cache.resolve(layout.reference("1")))
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(why);
    }
}
