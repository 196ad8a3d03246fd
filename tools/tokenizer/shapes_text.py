"""Text about coloured moving shapes, and ordinary English words: what Kinora's own small tokenizer is trained on.

Everything here was written for this project. `lines(seed)` gives the same lines on every machine.
"""

import random

COLOURS = "red green blue yellow orange purple pink cyan white black grey brown magenta turquoise".split()
SHAPES = "circle square triangle star rectangle diamond ball ring cross hexagon pentagon ellipse".split()
SIZES = "small large tiny big medium".split()
MOTIONS = [
    "moves left", "moves right", "moves up", "moves down", "moves to the left", "moves to the right", "moves upwards",
    "moves downwards", "moves from left to right", "moves from right to left", "moves diagonally", "rotates",
    "spins clockwise", "spins counterclockwise", "grows", "shrinks", "bounces", "stays still", "does not move", "fades out",
    "appears", "disappears", "changes colour", "turns around", "follows a circle", "falls", "rises", "slides to the edge",
    "speeds up", "slows down", "stops", "blinks", "zigzags", "leaves the picture", "enters from the left", "enters from the top",
]
PLACES = [
    "in the middle", "at the top", "at the bottom", "on the left", "on the right", "in the centre", "in the top left corner",
    "in the bottom right corner", "in the top right corner", "in the bottom left corner", "near the edge", "in the background",
]
RELATIONS = [
    "to the left of", "to the right of", "above", "below", "next to", "behind", "in front of", "inside", "far from", "close to",
    "larger than", "smaller than", "faster than", "slower than",
]
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
BACKGROUNDS = "black white grey dark bright plain".split()
TIMES = ["first", "then", "after that", "at the end", "at the beginning", "before", "finally", "meanwhile", "at the same time"]

WORDS = """
a able about above accept across act action actor add after again against age ago agree air all allow almost alone along already
also although always am among amount an and angle animal another answer any anyone anything appear apple are area arm around arrive
art as ask at away baby back bad ball bank base be beach bear beautiful because become bed been before begin behind being believe
below best better between big bike bird bit black blue boat body book born both bottle bottom box boy break bridge bright bring brother
brown build building bus but buy by cake call camera can car card care carry cat catch cause center centre certain chair chance change
child children choose church circle city class clean clear climb clip clock close clothes cloud coat coffee cold color colour come common
compare complete computer consider contain continue control cook cool corner correct could count country couple course cover cross crowd
cry cup cut dance dark day deep describe desk detail did die different difficult dinner direction dirty distance do doctor does dog done door
down draw dream dress drink drive driver drop dry during each ear early earth east easy eat edge effect egg eight either else empty end
engine enjoy enough enter even evening event ever every everything exactly example except expect explain eye face fact fall family far
farm fast father feel feet fence few field fight figure fill film find fine finger finish fire first fish five flat floor flower fly follow food
foot for forest forget form forward found four frame free fresh friend from front fruit full funny game garden gate get girl give glass go
goes going gold good grass gray great green grey ground group grow guess guitar had hair half hand handle hang happen happy hard has hat have he head
hear heart heavy height hello help her here high hill him his history hit hold hole home hope horse hot hour house how however huge
human hundred hungry hurry i ice idea if image imagine in inside instead interest into is island it its jacket job join jump just keep key
kick kid kind kitchen knife know lady lake lamp land language large last late laugh lead leaf learn least leave left leg less let letter lie
life lift light like line lion list listen little live long look lost lot loud love low machine made main make man many map mark market matter
may maybe me mean meet men metal middle might mile milk mind minute mirror miss model moment money month moon more morning most mother mountain
mouse mouth move movie much music must my name near neck need never new next nice night nine no nobody noise none north nose not note nothing
notice now number object ocean of off office often oil old on once one only open opposite or orange order other our out outside over own page
paint paper parent park part party pass past path pattern pay pen people perfect perhaps person phone photo piano pick picture piece pink place plan
plane plant plate play player please point police position possible power prepare present pretty probably problem produce pull purple push put
quality question quick quiet quite race rain raise reach read ready real really reason red remember rest result return rice rich ride right ring
river road rock roll roof room round row run sad safe said sail salt same sand save saw say scene school science screen sea season seat second see
seem seen sell send sentence separate seven several shadow shake shall shape share she sheep ship shirt shoe shop short should shoulder show side sign
silver similar simple since sing sister sit six size skin sky sleep slow small smile smoke smooth snow so soft soldier some someone something
sometimes song soon sorry sound south space speak special speed spoon sport spot spring square stand star start station stay steel step still
stone stop store story straight strange street strong student study such sudden sugar summer sun sure surface surprise swim table tail take talk
tall taste teach teacher team tell ten test text than thank that the their them then there these they thick thin thing think third this those
though thousand three through throw time tiny to today together told tomorrow too took top total touch toward town toy track train travel tree
triangle trip truck true try turn twice two type umbrella uncle under understand until up upon use usual valley vegetable very video view village
visit voice wait walk wall want war warm was wash watch water wave way we weak wear weather week well went were west wet what wheel when where
which while white who whole whose why wide wife will win wind window winter wish with without woman women wonder wood word work world would write
wrong yard year yellow yes yesterday yet you young your zebra
""".split()

PLAIN = [
    "You are a helpful assistant, dedicated to delivering comprehensive and meticulous responses.",
    "You are a helpful assistant, dedicated to provide concise and efficient answers.",
    "Describe the image in details:", "Describe the video in detail.", "What happens in the video?", "What is happening here?",
    "Is there a person in the picture?", "How many people are there?", "What is the man doing?", "What is she holding in her hand?",
    "Where is the dog?", "Which one is closer to the camera?", "Please answer with yes or no.", "Answer in one word or phrase.",
    "based on the picture, answer in one word or phrase.", "short answer:", "What colour is the car?", "Why is it funny?",
    "I can see a street with cars and people walking.", "There is nothing in the clip.", "It is not clear from the video.",
    "Yes, there is.", "No, there is not.", "I don't know.", "It's the same as before.", "They're moving towards each other.",
    "Can you tell me what the text on the sign says?", "Did anything change between the first and the last frame?",
    "Paint a picture of a cat riding a horse on the beach.", "An astronaut in a jungle, oil painting.", "a photo of", "a video of",
    "Modality: [TEXT] Prompt: a short answer ###", "Modality: [IMAGE] Prompt: a photo of a red circle ###",
    "Modality: [VIDEO] Prompt: a blue square moving to the left ###", "Modality: [AUDIO] Prompt: rain on a roof ###",
    "### Human: What is this?\n### Assistant:", "Make it faster.", "Now turn it around.", "Generate a video of", "Remove the star.",
    "1 2 3 4 5 6 7 8 9 0", "10% of 250 is 25.", "at 12:30", "(left, top)", "[yellow, white, 2, top left].", "\"yes\" or 'no'?",
]


def _thing(r):
    size = r.choice(SIZES) + " " if r.random() < 0.4 else ""
    return f"{size}{r.choice(COLOURS)} {r.choice(SHAPES)}"


def _a(text):
    return ("an " if text[0] in "aeiou" else "a ") + text


def _many(shape):
    return shape + ("es" if shape.endswith("s") else "s")


def _line(r):
    one, two = _thing(r), _thing(r)
    motion, motion2 = r.choice(MOTIONS), r.choice(MOTIONS)
    shape, colour = r.choice(SHAPES), r.choice(COLOURS)
    number = r.choice(NUMBERS)
    return r.choice([
        f"{_a(one).capitalize()} {motion}.",
        f"{_a(one)} {motion} on a {r.choice(BACKGROUNDS)} background",
        f"{_a(one).capitalize()} {motion}, and {_a(two)} {motion2}.",
        f"{r.choice(TIMES).capitalize()}, the {one} {motion}; {r.choice(TIMES)} the {two} {motion2}.",
        f"There are {number} {_many(shape)}. {number.capitalize()} of them are {colour}.",
        f"There is {_a(one)} {r.choice(PLACES)}.",
        f"What colour is the {shape}? {colour}",
        f"What colour is the {shape} {r.choice(PLACES)}? It is {colour}.",
        f"What shape is {colour}? The {shape}.",
        f"How many {_many(shape)} are there? {number}",
        f"How many {colour} shapes are in the video? There are {number}.",
        f"Is there {_a(one)}? {r.choice(['yes', 'no', 'Yes.', 'No.'])}",
        f"Does the {one} move? {r.choice(['Yes, it ' + motion + '.', 'No, it stays still.'])}",
        f"Which direction does the {one} move? {r.choice(['left', 'right', 'up', 'down'])}",
        f"Is the {one} {r.choice(RELATIONS)} the {two}? {r.choice(['yes', 'no'])}",
        f"The {one} is {r.choice(RELATIONS)} the {two}.",
        f"What happens {r.choice(['first', 'last', 'after the ' + shape + ' stops', 'before that'])}? The {one} {motion}.",
        f"What does the {colour} {shape} do? It {motion}.",
        f"Where is the {one}? It is {r.choice(PLACES)}.",
        f"Describe the video. {_a(one).capitalize()} {motion} while {_a(two)} {motion2}.",
        f"Does the {shape} pass {r.choice(['above', 'below', 'behind', 'in front of'])} the {two}?",
        f"In frame {r.randint(1, 16)} of {r.choice([8, 12, 16])} the {shape} is at ({r.randint(0, 448)}, {r.randint(0, 448)}).",
    ])


def lines(seed=7, count=6000):
    """The training text, line by line."""
    r = random.Random(seed)
    result = [_line(r) for _ in range(count)]
    result += PLAIN * 12
    for _ in range(900):  # ordinary words, so that ordinary questions take few tokens
        words = [r.choice(WORDS) for _ in range(r.randint(4, 12))]
        if r.random() < 0.3:
            words[0] = words[0].capitalize()
        result.append(" ".join(words) + r.choice([".", "?", "", ",", "!", ":"]))
    r.shuffle(result)
    return result
