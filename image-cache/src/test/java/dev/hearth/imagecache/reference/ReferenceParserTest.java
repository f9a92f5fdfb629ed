package dev.hearth.imagecache.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceParserTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "registry.example/app, registry.example, app, latest",
        "registry.example/team/app:1.2, registry.example, team/app, 1.2",
        "localhost/app, localhost, app, latest",
        "localhost:5000/a/b-c__d.e:T, localhost:5000, a/b-c__d.e, T",
        "127.0.0.1:5000/app, 127.0.0.1:5000, app, latest",
        "[::1]:5000/app:x, [::1]:5000, app, x",
        "docker.io/nginx, docker.io, library/nginx, latest",
        "docker.io/library/nginx:1, docker.io, library/nginx, 1",
        "index.docker.io/nginx, docker.io, library/nginx, latest",
        "registry-1.docker.io/team/app, docker.io, team/app, latest",
        "docker.io.example/nginx, docker.io.example, nginx, latest"
    })
    void parse_registryReference_parts(String text, String host, String repository, String tag) {
        assertThat(ReferenceParser.parse(text))
                .isEqualTo(new ImageReference.Registry(host, repository, tag, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "registry.example/app:latest",
                "[::1]:5000/app:x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "oci:/images/app:1",
                "oci:/images/app",
                "oci-archive:/images/app.tar:1",
                "docker-archive:/images/app.tar:app:1",
                "docker-archive:/images/app.tar:team/app:1"
            })
    void parse_itsOwnText_same(String text) {
        assertThat(ReferenceParser.parse(text)).hasToString(text);
    }

    @Test
    void parse_tagAndDigest_both() {
        assertThat(ReferenceParser.parse("registry.example/app:1@" + DIGEST))
                .hasToString("registry.example/app:1@" + DIGEST);
    }

    @Test
    void parse_relativePath_fromWorkingDirectory() {
        assertThat(ReferenceParser.parse("oci:some/dir:tag"))
                .isEqualTo(
                        new ImageReference.OciLayout(
                                Path.of("some/dir").toAbsolutePath(), Optional.of("tag")));
    }

    @Test
    void parse_colonInPath_noTag() {
        assertThat(ReferenceParser.parse("oci:/a:b/c"))
                .isEqualTo(new ImageReference.OciLayout(Path.of("/a:b/c"), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "app",
                "app:1",
                "team/app",
                "nginx",
                "library/nginx",
                "oci:",
                "oci-archive:",
                "registry.example/",
                "registry.example/App",
                "registry.example/../app",
                "registry.example/a//b",
                "registry.example/a%2fb",
                "registry.example/a/:x",
                "registry.example/app:",
                "registry.example/app:a/b",
                "registry.example/app:-x",
                "registry.example/app@sha256:abc",
                "registry.example/app@md5:" + "a",
                "registry.example:0/app",
                "registry.example:99999/app",
                "-registry.example/app",
                "http://registry.example/app",
                "user@registry.example/app",
                "registry.example\n/app",
                "registry.example/app?x=y",
                "registry.example/app#x",
                "oci:a\0b"
            })
    void parse_otherText_invalidImage(String text) {
        assertThatThrownBy(() -> ReferenceParser.parse(text))
                .isInstanceOf(HearthException.class)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("invalid-image");
    }
}
