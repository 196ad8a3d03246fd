package io.kinora.kafka.broker;

/** The embedded broker did not start: its folder, its port or its data is not fit. The message says which and why. */
public class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerException(String message, Throwable cause) {
        super(message, cause);
    }

    BrokerException(String message) {
        super(message);
    }
}
