package dev.hearth.gateway.app;

import dev.hearth.testing.Ports;
import dev.hearth.testing.Revisions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.testing.integration.AbstractInteropTest;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The gRPC project's own interoperability cases (grpc/doc/interop-test-descriptions.md), its client
 * and its server with the gateway between them. Its Java server does not look for uncompressed
 * requests among the compressed, so that the probe for it is left out.
 */
class GrpcTest {
    /** One case of the suite, which was written for JUnit 4. */
    private record Case(String name, Call call) {}

    private interface Call {
        void on(AbstractInteropTest suite) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> interoperability() {
        return Stream.of(
                        new Case("emptyUnary", AbstractInteropTest::emptyUnary),
                        new Case("largeUnary", AbstractInteropTest::largeUnary),
                        new Case(
                                "clientCompressedUnary",
                                suite -> suite.clientCompressedUnary(false)),
                        new Case(
                                "serverCompressedUnary",
                                AbstractInteropTest::serverCompressedUnary),
                        new Case("clientStreaming", AbstractInteropTest::clientStreaming),
                        new Case(
                                "clientCompressedStreaming",
                                suite -> suite.clientCompressedStreaming(false)),
                        new Case("serverStreaming", AbstractInteropTest::serverStreaming),
                        new Case(
                                "serverCompressedStreaming",
                                AbstractInteropTest::serverCompressedStreaming),
                        new Case("pingPong", AbstractInteropTest::pingPong),
                        new Case("emptyStream", AbstractInteropTest::emptyStream),
                        new Case("cancelAfterBegin", AbstractInteropTest::cancelAfterBegin),
                        new Case(
                                "cancelAfterFirstResponse",
                                AbstractInteropTest::cancelAfterFirstResponse),
                        new Case("fullDuplex", AbstractInteropTest::fullDuplexCallShouldSucceed),
                        new Case("halfDuplex", AbstractInteropTest::halfDuplexCallShouldSucceed),
                        new Case(
                                "exchangeMetadata", AbstractInteropTest::exchangeMetadataUnaryCall),
                        new Case(
                                "exchangeMetadataStreaming",
                                AbstractInteropTest::exchangeMetadataStreamingCall),
                        new Case("customMetadata", AbstractInteropTest::customMetadata),
                        new Case("timeoutHeader", AbstractInteropTest::sendsTimeoutHeader),
                        new Case("deadlineNotExceeded", AbstractInteropTest::deadlineNotExceeded),
                        new Case("deadlineExceeded", AbstractInteropTest::deadlineExceeded),
                        new Case(
                                "deadlineExceededStreaming",
                                AbstractInteropTest::deadlineExceededServerStreaming),
                        new Case("sleepingServer", AbstractInteropTest::timeoutOnSleepingServer),
                        new Case("statusCodeAndMessage", AbstractInteropTest::statusCodeAndMessage),
                        new Case("specialStatusMessage", AbstractInteropTest::specialStatusMessage),
                        new Case("unimplementedMethod", AbstractInteropTest::unimplementedMethod),
                        new Case("unimplementedService", AbstractInteropTest::unimplementedService))
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> run(c)));
    }

    private static void run(Case one) throws Exception {
        try (Suite suite = new Suite()) {
            suite.setUp();
            try {
                one.call().on(suite);
            } finally {
                suite.tearDown();
            }
        }
    }

    /** The suite's server is the container of a service; its client asks the gateway. */
    private static final class Suite extends AbstractInteropTest implements AutoCloseable {
        private final int server = Ports.free();
        private final Vertx vertx = Vertx.vertx();
        private Optional<TestGateway> door = Optional.empty();

        @Override
        protected ServerBuilder<?> getServerBuilder() {
            return Grpc.newServerBuilderForPort(server, InsecureServerCredentials.create())
                    .maxInboundMessageSize(MAX_MESSAGE_SIZE);
        }

        @Override
        protected ManagedChannelBuilder<?> createChannelBuilder() {
            TestGateway front;
            try {
                front = new TestGateway(vertx, server, Revisions.http2("hello"), Optional.empty());
            } catch (Exception e) {
                throw new IllegalStateException("the gateway does not listen", e);
            }
            door = Optional.of(front);
            return Grpc.newChannelBuilderForAddress(
                            "127.0.0.1", front.port, InsecureChannelCredentials.create())
                    .overrideAuthority("hello.localhost:" + front.port)
                    .maxInboundMessageSize(MAX_MESSAGE_SIZE);
        }

        @Override
        protected boolean metricsExpected() {
            return false; // it would look for the client's figures at the server
        }

        @Override
        public void close() throws Exception {
            door.ifPresent(TestGateway::close);
            TestGateway.await(vertx.close());
        }
    }
}
