package io.kinora.service;

import akka.actor.BootstrapSetup;
import akka.actor.setup.ActorSystemSetup;
import com.typesafe.config.Config;
import io.kinora.actors.trace.Tracing;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Sends traces to a collector over OTLP, {@code kinora.tracing} in the configuration; off, it does nothing. What cannot be sent is dropped: traces hold up no
 * work. Closing it sends what is left.
 */
final class TraceExport implements AutoCloseable {
    private static final String PATH = "kinora.tracing";
    private static final long SENDING_SECONDS = 5;

    private final Optional<SdkTracerProvider> provider;

    private TraceExport(Optional<SdkTracerProvider> provider) {
        this.provider = provider;
    }

    /**
     * Reads the settings and connects.
     *
     * @throws com.typesafe.config.ConfigException if one is missing or cannot be used
     */
    static TraceExport open(Config config) {
        Config tracing = config.getConfig(PATH);
        if (!tracing.getBoolean("enabled")) {
            return new TraceExport(Optional.empty());
        }
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(tracing.getString("endpoint"))
                .setTimeout(tracing.getDuration("timeout"));
        tracing.getConfig("headers")
                .entrySet()
                .forEach(header -> exporter.addHeader(
                        header.getKey(), String.valueOf(header.getValue().unwrapped())));
        Resource service = Resource.getDefault()
                .merge(Resource.create(Attributes.builder()
                        .put("service.name", tracing.getString("service-name"))
                        .build()));
        return new TraceExport(Optional.of(SdkTracerProvider.builder()
                .setResource(service)
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(tracing.getDouble("sample"))))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build())
                        .setScheduleDelay(tracing.getDuration("every"))
                        .build())
                .build()));
    }

    /** What an actor system of this configuration begins with. */
    ActorSystemSetup system(Config config) {
        ActorSystemSetup plain = ActorSystemSetup.create(BootstrapSetup.create(config));
        return provider.map(traces -> plain.withSetup(Tracing.setup(traces.get("io.kinora"))))
                .orElse(plain);
    }

    @Override
    public void close() {
        provider.map(SdkTracerProvider::shutdown).ifPresent(TraceExport::await);
    }

    private static void await(CompletableResultCode sent) {
        sent.join(SENDING_SECONDS, TimeUnit.SECONDS);
    }
}
