package io.kinora.service;

import io.kinora.kafka.dlq.StoredLetter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A dead letter as the command line and the HTTP API show it. */
public final class LetterFacts {
    private LetterFacts() {}

    /** Its facts in their order, ready to become JSON. */
    public static Map<String, Object> of(StoredLetter letter) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("place", letter.place().toString());
        facts.put("from", letter.report().origin().toString());
        facts.put("at", letter.at().toString());
        letter.key().ifPresent(key -> facts.put("key", key));
        facts.put("bytes", letter.size());
        facts.put("code", letter.report().letter().code());
        facts.put("stage", letter.report().letter().stage());
        facts.put("attempt", letter.report().letter().attempt());
        facts.put("exception", letter.report().letter().exceptionClass());
        facts.put("message", letter.report().letter().message());
        facts.put("redrives", letter.redrives());
        letter.decision().ifPresent(decision -> {
            facts.put("decision", decision.action().name().toLowerCase(Locale.ROOT));
            facts.put("decidedAt", decision.at().toString());
            decision.to().ifPresent(to -> facts.put("to", to.toString()));
        });
        return facts;
    }
}
