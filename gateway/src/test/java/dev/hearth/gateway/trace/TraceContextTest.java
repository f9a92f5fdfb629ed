package dev.hearth.gateway.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void of_validContext_handedOn() {
        TraceContext context = TraceContext.of(VALID, "vendor=1");
        assertThat(context.traceparent()).isEqualTo(VALID);
        assertThat(context.tracestate()).isEqualTo("vendor=1");
        assertThat(context.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(context.cloud())
                .isEqualTo("0af7651916cd43dd8448eb211c80319c/13235353014750950193;o=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra"
            })
    void of_invalidContext_replacedByAValidOne(String came) {
        TraceContext context = TraceContext.of(came, "vendor=1");
        assertThat(context.traceparent()).isNotEqualTo(came);
        assertThat(TraceContext.isValid(context.traceparent())).isTrue();
        assertThat(context.tracestate()).isNull();
    }
}
