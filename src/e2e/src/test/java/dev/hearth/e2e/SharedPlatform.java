package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One platform for all classes that need none of their own, given to a method with a parameter of
 * type {@link Platform}. It is up from the first of them to the end of the run, which also looks
 * for what it left behind; what a class deploys is deleted after that class.
 */
final class SharedPlatform implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(SharedPlatform.class);

    private List<String> before = List.of();

    /** Lives until all tests of the module are done. */
    private record Running(Platform platform) implements AutoCloseable {
        static Running start() {
            try {
                Platform platform = new Platform();
                try {
                    platform.up();
                } catch (Exception | AssertionError e) {
                    platform.close();
                    throw e;
                }
                return new Running(platform);
            } catch (Exception e) {
                throw new IllegalStateException("the platform that tests share is not up", e);
            }
        }

        @Override
        public void close() throws Exception {
            platform.close();
        }
    }

    /** The platform, which the first call starts. */
    static Platform of(ExtensionContext context) {
        return context.getRoot()
                .getStore(OURS)
                .computeIfAbsent(Running.class, key -> Running.start(), Running.class)
                .platform();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Platform.class;
    }

    @Override
    public Platform resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return of(context);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        before = of(context).services();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Platform platform = of(context);
        for (String service : platform.services()) {
            if (!before.contains(service)) {
                assertThat(platform.admin().delete("/services/" + service).statusCode())
                        .as("deleting " + service)
                        .isBetween(200, 299);
            }
        }
    }
}
