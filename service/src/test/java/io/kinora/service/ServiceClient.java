package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Somebody who has nothing but a service's address. Thread-safe. */
final class ServiceClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String address;

    ServiceClient(String address) {
        this.address = address;
    }

    /** Waits until a process says where it listens. */
    static ServiceClient of(KinoraProcess process) throws InterruptedException {
        return new ServiceClient(process.await("listening at (http\\S+)").group(1));
    }

    HttpClient http() {
        return http;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).header("content-type", "application/json");
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What is there, which has to be. */
    JsonNode read(String path) throws IOException, InterruptedException {
        return read(get(path));
    }

    /** Looks again and again until what is there is as it is to be, for some minutes. */
    JsonNode await(String path, Predicate<JsonNode> condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        JsonNode found = read(path);
        while (!condition.test(found)) {
            assertThat(System.nanoTime()).as("%s: %s", path, found).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
            found = read(path);
        }
        return found;
    }

    /** What comes back for a body, which has to be taken. */
    JsonNode post(String path, String body) throws IOException, InterruptedException {
        return read(http.send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString()));
    }

    private static JsonNode read(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response.body());
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
