package io.kinora.service.cli;

import io.kinora.training.world.ClipFolder;
import io.kinora.training.world.ClipWish;
import io.kinora.training.world.Colour;
import io.kinora.training.world.Filming;
import io.kinora.training.world.Motion;
import io.kinora.training.world.Shape;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.Rational;
import io.kinora.video.VideoFormat;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora shapes}: clips of moving shapes with questions and answers, as a folder. */
@Command(
        name = "shapes",
        mixinStandardHelpOptions = true,
        description =
                "Draws clips of a moving shape into a folder, with questions and their answers in questions.jsonl:"
                        + " data to train on, to fine-tune with, or to try things out.",
        footer = {
            "",
            "Examples:",
            "  kinora shapes my-clips --clips 10 --paint turquoise=40e0d0",
            "  kinora shapes sample --clips 1 --colour red --shape circle --motion right"
        })
final class ShapesCommand implements Callable<Integer> {
    private static final Pattern PAINT = Pattern.compile("([a-z]+)=([0-9a-fA-F]{6})");
    private static final int QUALITY = 80;

    @Parameters(paramLabel = "FOLDER", description = "Where they go; files of the same names are replaced.")
    private Path folder = Path.of("");

    @Option(names = "--clips", paramLabel = "N", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
    private int clips;

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--colour",
            paramLabel = "COLOUR",
            description = "Only shapes of this colour: ${COMPLETION-CANDIDATES}.")
    private Optional<Colour> colour = Optional.empty();

    @Option(names = "--shape", paramLabel = "SHAPE", description = "Only this shape: ${COMPLETION-CANDIDATES}.")
    private Optional<Shape> shape = Optional.empty();

    @Option(
            names = "--motion",
            paramLabel = "MOTION",
            description = "Only shapes that do this: ${COMPLETION-CANDIDATES}.")
    private Optional<Motion> motion = Optional.empty();

    @Option(
            names = "--paint",
            paramLabel = "WORD=RRGGBB",
            description = "Paints shapes in a colour that the world does not have, and calls it so.")
    private Optional<String> paint = Optional.empty();

    @Option(
            names = "--held-out",
            description = "Combinations that kinora-shapes was not trained on, instead of those it was.")
    private boolean heldOut;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "256",
            description = "Side of a frame. Default: ${DEFAULT-VALUE}.")
    private int size;

    @Option(names = "--fps", defaultValue = "24", description = "Frames a second. Default: ${DEFAULT-VALUE}.")
    private int fps;

    @Option(names = "--seconds", defaultValue = "4", description = "Length of a clip. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        requireWithin("--clips", clips, 1, 100_000);
        requireWithin("--size", size, 16, 2048);
        requireWithin("--fps", fps, 1, 60);
        requireWithin("--seconds", seconds, 1, 60);
        Filming filming = new Filming(VideoFormat.MP4_H264, size, size, Rational.of(fps, 1), fps * seconds, QUALITY);
        try {
            ClipWish wish = new ClipWish(colour, shape, motion, paint.map(ShapesCommand::paint));
            int written = new ClipFolder(new World(seed), heldOut ? Split.HELD_OUT : Split.TRAIN, wish)
                    .write(folder, clips, filming)
                    .size();
            json.say(
                    spec.commandLine().getOut(),
                    "%s: %s, clips: %d".formatted(folder, ClipFolder.QUESTIONS, written),
                    Map.of(
                            "folder",
                            folder.toString(),
                            "questions",
                            folder.resolve(ClipFolder.QUESTIONS).toString(),
                            "clips",
                            written));
            return ExitStatus.DONE;
        } catch (IllegalArgumentException e) {
            throw new BadInputException(e.getMessage());
        }
    }

    private static void requireWithin(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new BadInputException("%s is %d, allowed are %d to %d".formatted(option, value, least, most));
        }
    }

    private static ClipWish.Paint paint(String text) {
        Matcher matcher = PAINT.matcher(text);
        if (!matcher.matches()) {
            throw new BadInputException("--paint is '%s', expected WORD=RRGGBB as turquoise=40e0d0".formatted(text));
        }
        return new ClipWish.Paint(matcher.group(1), Integer.parseInt(matcher.group(2), 16));
    }
}
