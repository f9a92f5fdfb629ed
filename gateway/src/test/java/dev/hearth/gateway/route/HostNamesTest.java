package dev.hearth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ServiceName;
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
    void service_itsHostInAnyForm_found(String host) {
        assertThat(hosts.service(host)).contains(new ServiceName("hello"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                ".localhost",
                "hello",
                "hello.example.com",
                "a.hello.localhost",
                "hello.localhost.evil.com",
                "hello%2elocalhost",
                "../.localhost",
                "[::1]:8080",
                "127.0.0.1"
            })
    void service_anyOtherHost_none(String host) {
        assertThat(hosts.service(host)).isEmpty();
    }

    @Test
    void service_endlessHost_none() {
        assertThat(hosts.service("a".repeat(100_000) + ".localhost")).isEmpty();
    }
}
