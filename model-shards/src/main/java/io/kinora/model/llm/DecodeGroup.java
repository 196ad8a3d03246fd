package io.kinora.model.llm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * New tokens of sequences that begin with the same positions in memory, as the questions on one clip or the beams of one answer: their
 * keys and values are read once for all of them.
 *
 * @param shared the common beginning; empty for a sequence that shares none
 * @param members the sequences, at least one
 */
record DecodeGroup(Optional<KvRun> shared, List<Member> members) {
    /** Shorter beginnings cost more to treat apart than they save. */
    private static final int LEAST_SHARED = 64;

    /**
     * One new token.
     *
     * @param segment number of its segment in the batch
     * @param row its row in the packed tensor
     * @param own the runs it attends to besides the shared one
     */
    record Member(int segment, int row, List<KvRun> own) {}

    /** Where a run begins; equal for two sequences only if they share it. */
    private record Beginning(KvSlab slab, int from) {}

    /** The groups of the segments that have one row. */
    static List<DecodeGroup> of(List<CachedSegment> segments) {
        Map<Beginning, List<Member>> byBeginning = new LinkedHashMap<>();
        for (int i = 0; i < segments.size(); i++) {
            CachedSegment segment = segments.get(i);
            if (segment.rows() == 1) {
                KvRun first = segment.reads().get(0);
                byBeginning
                        .computeIfAbsent(new Beginning(first.slab(), first.from()), b -> new ArrayList<>())
                        .add(new Member(i, segment.offset(), segment.reads()));
            }
        }
        List<DecodeGroup> groups = new ArrayList<>();
        for (List<Member> members : byBeginning.values()) {
            int common = members.stream()
                    .mapToInt(member -> member.own().get(0).size())
                    .min()
                    .orElseThrow();
            if (members.size() > 1 && common >= LEAST_SHARED) {
                groups.add(sharing(members, common));
            } else {
                members.forEach(member -> groups.add(new DecodeGroup(Optional.empty(), List.of(member))));
            }
        }
        return groups;
    }

    private static DecodeGroup sharing(List<Member> members, int common) {
        KvRun first = members.get(0).own().get(0);
        return new DecodeGroup(
                Optional.of(new KvRun(first.slab(), first.from(), first.from() + common)),
                members.stream()
                        .map(member -> new Member(member.segment(), member.row(), without(member.own(), common)))
                        .toList());
    }

    /** The runs without the first positions of the first one. */
    private static List<KvRun> without(List<KvRun> runs, int positions) {
        KvRun first = runs.get(0);
        List<KvRun> rest = new ArrayList<>(runs.subList(1, runs.size()));
        if (first.size() > positions) {
            rest.add(0, new KvRun(first.slab(), first.from() + positions, first.to()));
        }
        return rest;
    }
}
