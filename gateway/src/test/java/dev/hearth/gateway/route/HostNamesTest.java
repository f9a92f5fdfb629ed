package dev.hearth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
    private final HostNames hosts = new HostNames("localhost");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello.localhost",
                "hello.localhost:8080",
                "HELLO.LocalHost",
                "hello.localhost.",
                "hello.localhost.:8080"
            })
    void label_itsHostInAnyForm_found(String host) {
        assertThat(hosts.label(host)).contains("hello");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                ".localhost",
                "hello",
                "hello.example.com",
                "a.hello.acme.localhost",
                "hello..localhost",
                "hello.localhost.evil.com",
                "hello%2elocalhost",
                "../.localhost",
                "[::1]:8080",
                "127.0.0.1"
            })
    void label_anyOtherHost_none(String host) {
        assertThat(hosts.label(host)).isEmpty();
    }

    @Test
    void label_endlessHost_none() {
        assertThat(hosts.label("a".repeat(100_000) + ".localhost")).isEmpty();
    }
}
