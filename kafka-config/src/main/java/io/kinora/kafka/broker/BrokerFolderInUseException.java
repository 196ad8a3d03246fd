package io.kinora.kafka.broker;

/** Another broker, in this process or in another, works on the folder. */
public final class BrokerFolderInUseException extends BrokerException {
    private static final long serialVersionUID = 1L;

    BrokerFolderInUseException(String message) {
        super(message);
    }
}
