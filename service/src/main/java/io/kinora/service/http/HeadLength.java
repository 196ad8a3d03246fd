package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.scaladsl.model.headers.CustomHeader;
import java.util.OptionalLong;

/** {@code content-length} of the response to a HEAD, which Akka HTTP leaves out with the body and takes from nobody but a header of one's own. */
final class HeadLength extends CustomHeader {
    private final long bytes;

    private HeadLength(long bytes) {
        this.bytes = bytes;
    }

    /** The response with the length of its body, if that is known. */
    static HttpResponse kept(HttpResponse response) {
        OptionalLong length = response.entity().getContentLengthOption();
        return length.isPresent() ? response.addHeader(new HeadLength(length.getAsLong())) : response;
    }

    @Override
    public String name() {
        return "Content-Length";
    }

    @Override
    public String value() {
        return Long.toString(bytes);
    }

    @Override
    public boolean renderInRequests() {
        return false;
    }

    @Override
    public boolean renderInResponses() {
        return true;
    }
}
