package io.kinora.kafka.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.kafka.claim.ClaimCheckException.Reason;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClaimCheck;
import io.kinora.kafka.record.ClipPayload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileClaimCheckStoreTest {
    private static final Blob CLIP = Blob.wrap(new byte[] {1, 2, 3, 4, 5});

    @TempDir
    private Path folder;

    @Test
    void whatIsDepositedIsRedeemed() {
        ClaimCheckStore store = store();
        ClaimCheck claim = store.deposit(CLIP, "video/mp4");
        assertThat(store.redeem(claim)).isEqualTo(CLIP);
        assertThat(claim.size()).isEqualTo(5);
        assertThat(claim.mediaType()).isEqualTo("video/mp4");
        assertThat(claim.uri()).hasToString("urn:sha256:" + CLIP.sha256());
        assertThat(new FileClaimCheckStore(folder, 100).redeem(claim)).isEqualTo(CLIP);
    }

    @Test
    void depositingTwiceKeepsOneFileAndNoUnfinishedOnes() throws IOException {
        ClaimCheckStore store = store();
        assertThat(store.deposit(CLIP, "video/mp4")).isEqualTo(store.deposit(CLIP, "video/mp4"));
        assertThat(files()).hasSize(1);
    }

    @Test
    void aHalfWrittenFileUnderTheNameIsReplaced() throws IOException {
        ClaimCheckStore store = store();
        ClaimCheck claim = store.deposit(CLIP, "video/mp4");
        Files.write(files().get(0), new byte[] {1, 2});
        store.deposit(CLIP, "video/mp4");
        assertThat(store.redeem(claim)).isEqualTo(CLIP);
    }

    @Test
    void damagedBytesAreNeverHandedOut() throws IOException {
        ClaimCheckStore store = store();
        ClaimCheck claim = store.deposit(CLIP, "video/mp4");
        Path file = files().get(0);
        Files.write(file, new byte[] {1, 2, 3, 4, 6});
        assertRefused(Reason.CORRUPT, () -> store.redeem(claim));
        Files.write(file, new byte[] {1, 2, 3, 4});
        assertRefused(Reason.CORRUPT, () -> store.redeem(claim));
        Files.write(file, new byte[] {1, 2, 3, 4, 5, 6});
        assertRefused(Reason.CORRUPT, () -> store.redeem(claim));
    }

    @Test
    void aClaimWhoseFileIsGoneSaysSo() throws IOException {
        ClaimCheckStore store = store();
        ClaimCheck claim = store.deposit(CLIP, "video/mp4");
        Files.delete(files().get(0));
        assertRefused(Reason.GONE, () -> store.redeem(claim));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "urn:sha256:../../etc/passwd", "http://host/clip", "urn:sha256:"})
    void claimsOnAnythingElseAreRefused(String uri) {
        ClaimCheck foreign = new ClaimCheck(URI.create(uri), CLIP.sha256(), 5, "video/mp4");
        assertRefused(Reason.FOREIGN, () -> store().redeem(foreign));
    }

    @Test
    void moreThanTheStoreTakesIsRefusedOnBothWays() {
        assertRefused(Reason.TOO_LARGE, () -> store().deposit(Blob.wrap(new byte[101]), "video/mp4"));
        String sha256 = CLIP.sha256();
        ClaimCheck huge = new ClaimCheck(URI.create("urn:sha256:" + sha256), sha256, Long.MAX_VALUE, "video/mp4");
        assertRefused(Reason.TOO_LARGE, () -> store().redeem(huge));
    }

    @Test
    void aFolderThatCannotBeWrittenIsAFailureOfNow() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        ClaimCheckStore store = new FileClaimCheckStore(file, 100);
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> store.deposit(CLIP, "video/mp4"))
                .withMessageContaining(file.toString());
    }

    @Test
    void cleaningRemovesWhatWasNotDepositedSince() throws IOException {
        ClaimCheckStore store = store();
        Instant retention = Instant.now();
        ClaimCheck old = store.deposit(CLIP, "video/mp4");
        ClaimCheck renewed = store.deposit(Blob.wrap(new byte[] {9}), "video/mp4");
        for (Path file : files()) {
            Files.setLastModifiedTime(file, FileTime.from(retention.minusSeconds(60)));
        }
        store.deposit(Blob.wrap(new byte[] {9}), "video/mp4");
        assertThat(store.removeOlderThan(retention)).isEqualTo(1);
        assertRefused(Reason.GONE, () -> store.redeem(old));
        assertThat(store.redeem(renewed).size()).isEqualTo(1);
    }

    @Test
    void cleaningAFolderThatDoesNotExistRemovesNothing() {
        assertThat(new FileClaimCheckStore(folder.resolve("none"), 1).removeOlderThan(Instant.MAX))
                .isZero();
    }

    @Test
    void payloadsAreInlineUpToTheLimitAndClaimedAboveIt() {
        ClipPayloads payloads = new ClipPayloads(store(), 4);
        Blob small = Blob.wrap(new byte[] {1, 2, 3, 4});
        assertThat(payloads.pack(small, "video/mp4")).isEqualTo(new ClipPayload.Inline(small));
        ClipPayload claimed = payloads.pack(CLIP, "video/mp4");
        assertThat(claimed).isInstanceOf(ClipPayload.Claimed.class);
        assertThat(claimed.size()).isEqualTo(5);
        assertThat(payloads.unpack(claimed)).isEqualTo(CLIP);
        assertThat(payloads.unpack(new ClipPayload.Inline(small))).isEqualTo(small);
    }

    private ClaimCheckStore store() {
        return ClaimCheckStore.inFolder(folder, 100);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatExceptionOfType(ClaimCheckException.class).isThrownBy(call).satisfies(e -> assertThat(e.reason())
                .isEqualTo(reason));
    }
}
