package io.kinora.kafka.record;

/**
 * Which weights computed something.
 *
 * @param name the model's name, for example {@code emu2-tiny}
 * @param revision what tells two sets of weights of that name apart: a digest or a release
 * @param untrained true when the weights are random, so that the words and pictures mean nothing
 */
public record ModelIdentity(String name, String revision, boolean untrained) {
    public ModelIdentity {
        Checks.id("model.name", name);
        Checks.id("model.revision", revision);
    }
}
