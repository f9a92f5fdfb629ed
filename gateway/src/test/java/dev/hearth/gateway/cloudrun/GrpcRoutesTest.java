package dev.hearth.gateway.cloudrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.CreateServiceRequest;
import com.google.cloud.run.v2.DeleteServiceRequest;
import com.google.cloud.run.v2.ExecutionsGrpc;
import com.google.cloud.run.v2.GetServiceRequest;
import com.google.cloud.run.v2.JobsGrpc;
import com.google.cloud.run.v2.ListRevisionsRequest;
import com.google.cloud.run.v2.ListServicesRequest;
import com.google.cloud.run.v2.ListWorkerPoolsRequest;
import com.google.cloud.run.v2.RevisionTemplate;
import com.google.cloud.run.v2.RevisionsGrpc;
import com.google.cloud.run.v2.Service;
import com.google.cloud.run.v2.ServicesGrpc;
import com.google.cloud.run.v2.TasksGrpc;
import com.google.cloud.run.v2.UpdateServiceRequest;
import com.google.cloud.run.v2.WorkerPoolsGrpc;
import com.google.longrunning.Operation;
import com.google.protobuf.FieldMask;
import com.google.rpc.ErrorInfo;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Role;
import dev.hearth.gateway.access.MemoryTokens;
import dev.hearth.gateway.admin.PublicAddress;
import dev.hearth.gateway.job.FakeJobs;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrpcRoutesTest {
    private static final String LOCATION = "projects/p/locations/l";
    private static final String NAME = LOCATION + "/services/hello";
    private static final Service HELLO =
            Service.newBuilder()
                    .setTemplate(
                            RevisionTemplate.newBuilder()
                                    .addContainers(Container.newBuilder().setImage("oci:/x")))
                    .build();

    private final Vertx vertx = Vertx.vertx();
    private final MemoryTokens tokens = new MemoryTokens();
    private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    private ManagedChannel channel;

    @BeforeEach
    void listen() throws Exception {
        Router router = Router.router(vertx);
        new CloudRunRoutes(
                        new MemoryCatalog(),
                        new FakeJobs(),
                        new PublicAddress("http", "localhost", 8080),
                        tokens.access(),
                        Clock.system(),
                        blocking)
                .register(router);
        int port =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get()
                        .actualPort();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow();
        assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        vertx.close();
        blocking.shutdownNow();
    }

    private Channel with(String token) {
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + token);
        return io.grpc.ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private ServicesGrpc.ServicesBlockingStub services() {
        return ServicesGrpc.newBlockingStub(with("secret")).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private Operation create() {
        return services()
                .createService(
                        CreateServiceRequest.newBuilder()
                                .setParent(LOCATION)
                                .setServiceId("hello")
                                .setService(HELLO)
                                .build());
    }

    /** The names are those of Google's own stubs: all of these services. */
    @Test
    void methods_named_asGooglesStubsCallThem() {
        GrpcCalls calls =
                new GrpcCalls(
                        RunApi.of(
                                new MemoryCatalog(),
                                new FakeJobs(),
                                new PublicAddress("http", "localhost", 8080),
                                Clock.system()));
        List<String> google =
                Stream.of(
                                ServicesGrpc.getServiceDescriptor(),
                                RevisionsGrpc.getServiceDescriptor(),
                                JobsGrpc.getServiceDescriptor(),
                                ExecutionsGrpc.getServiceDescriptor(),
                                TasksGrpc.getServiceDescriptor())
                        .flatMap(s -> s.getMethods().stream())
                        .map(MethodDescriptor::getFullMethodName)
                        .toList();

        assertThat(calls.names()).containsAll(google);
        assertThat(calls.names().stream().filter(n -> !n.startsWith(GrpcCalls.OPERATIONS)))
                .hasSameSizeAs(google);
    }

    @Test
    void calls_createToDelete_answered() throws Exception {
        Operation created = create();
        assertThat(created.getDone()).isTrue();
        assertThat(created.getResponse().unpack(Service.class).getName()).isEqualTo(NAME);
        Service service =
                services().getService(GetServiceRequest.newBuilder().setName(NAME).build());
        assertThat(service.getUri()).isEqualTo("http://hello.localhost:8080");
        assertThat(
                        services()
                                .listServices(
                                        ListServicesRequest.newBuilder()
                                                .setParent(LOCATION)
                                                .build())
                                .getServicesList())
                .containsExactly(service);
        Operation updated =
                services()
                        .updateService(
                                UpdateServiceRequest.newBuilder()
                                        .setService(service.toBuilder().putLabels("a", "b").build())
                                        .setUpdateMask(FieldMask.newBuilder().addPaths("labels"))
                                        .build());
        assertThat(updated.getResponse().unpack(Service.class).getLabelsMap())
                .containsEntry("a", "b");
        assertThat(
                        RevisionsGrpc.newBlockingStub(with("secret"))
                                .listRevisions(
                                        ListRevisionsRequest.newBuilder().setParent(NAME).build())
                                .getRevisionsList())
                .hasSize(1);
        assertThat(
                        services()
                                .deleteService(
                                        DeleteServiceRequest.newBuilder().setName(NAME).build())
                                .getDone())
                .isTrue();
    }

    private static void fails(Runnable call, Status.Code code, String reason) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> {
                            assertThat(e.getStatus().getCode()).isEqualTo(code);
                            com.google.rpc.Status status = StatusProto.fromThrowable(e);
                            assertThat(status).isNotNull();
                            assertThat(status.getCode()).isEqualTo(code.value());
                            assertThat(status.getMessage())
                                    .isEqualTo(e.getStatus().getDescription());
                            try {
                                assertThat(status.getDetails(0).unpack(ErrorInfo.class).getReason())
                                        .isEqualTo(reason);
                            } catch (com.google.protobuf.InvalidProtocolBufferException wrong) {
                                throw new AssertionError(wrong);
                            }
                        });
    }

    @Test
    void calls_refused_withTheirStatus() {
        fails(
                () -> services().getService(GetServiceRequest.newBuilder().setName(NAME).build()),
                Status.Code.NOT_FOUND,
                "service-not-found");
        fails(
                () -> services().getService(GetServiceRequest.newBuilder().setName("é").build()),
                Status.Code.INVALID_ARGUMENT,
                "invalid-resource-name");
        create();
        fails(this::create, Status.Code.ALREADY_EXISTS, "service-exists");
        for (String wrong : List.of("secre", "secret2", "")) {
            fails(
                    () ->
                            ServicesGrpc.newBlockingStub(with(wrong))
                                    .getService(
                                            GetServiceRequest.newBuilder().setName(NAME).build()),
                    Status.Code.UNAUTHENTICATED,
                    "invalid-token");
        }
        assertThatThrownBy(
                        () ->
                                WorkerPoolsGrpc.newBlockingStub(with("secret"))
                                        .listWorkerPools(
                                                ListWorkerPoolsRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNIMPLEMENTED));
    }

    @Test
    void calls_byAViewer_readOnly() {
        create();
        ServicesGrpc.ServicesBlockingStub viewer =
                ServicesGrpc.newBlockingStub(with(tokens.give("reader", Role.VIEWER)))
                        .withDeadlineAfter(20, TimeUnit.SECONDS);
        assertThat(
                        viewer.getService(GetServiceRequest.newBuilder().setName(NAME).build())
                                .getName())
                .isEqualTo(NAME);
        fails(
                () -> viewer.deleteService(DeleteServiceRequest.newBuilder().setName(NAME).build()),
                Status.Code.PERMISSION_DENIED,
                "role-missing");
    }

    @Test
    void call_tooLarge_refused() {
        Service large = HELLO.toBuilder().putAnnotations("a", "x".repeat(2 << 20)).build();
        assertThatThrownBy(
                        () ->
                                services()
                                        .createService(
                                                CreateServiceRequest.newBuilder()
                                                        .setParent(LOCATION)
                                                        .setServiceId("hello")
                                                        .setService(large)
                                                        .build()))
                .isInstanceOf(StatusRuntimeException.class);
    }
}
