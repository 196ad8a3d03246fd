package io.kinora.tensor.torchfile;

import io.kinora.tensor.torchfile.PickleGlobal.Function;
import io.kinora.tensor.torchfile.PickleValue.Plain;
import io.kinora.tensor.torchfile.PickleValue.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Interprets a pickle as {@code torch.save} writes it, protocols 2 to 5: builds dictionaries, lists, plain values and descriptions of
 * tensors. A global that is not on {@link PickleAllowList} ends the reading when it is named, so that nothing can be made or called that
 * is not imitated here. Stack, memo, strings and the number of steps are bounded.
 *
 * <p>The operations are those of CPython's {@code Lib/pickletools.py}, under its names.
 */
final class PickleReader {
    private static final int MAX_STACK = 1 << 20;
    private static final int MAX_MEMO = 1 << 20;
    private static final int MIN_PROTOCOL = 2;
    private static final int MAX_PROTOCOL = 5;

    private final PickleInput input;
    private final PickleBudget budget;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Long, Object> memo = new HashMap<>();

    private PickleReader(byte[] pickle, PickleBudget budget) {
        this.input = new PickleInput(pickle);
        this.budget = budget;
    }

    /**
     * The object that the pickle describes.
     *
     * @throws TorchFileException if it is damaged, or has what is not allowed
     */
    static Object read(byte[] pickle, PickleBudget budget) {
        return new PickleReader(pickle, budget).run();
    }

    /** A value that can be a key: hashed by value only where that takes a bounded time. */
    static Object key(Object value) {
        if (value instanceof Map<?, ?> || value instanceof List<?>) {
            throw new TorchFileException("the pickle has a dictionary with %s as a key".formatted(kind(value)));
        }
        return value;
    }

    /** What a value is, for a message. */
    static String kind(Object value) {
        if (value instanceof Map<?, ?>) {
            return "a dictionary";
        }
        if (value instanceof List<?>) {
            return "a list";
        }
        if (value instanceof PickleGlobal) {
            return "a class or a function";
        }
        return "a " + value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private Object run() {
        while (true) {
            int at = input.position();
            int operation = input.unsignedByte();
            if (operation == '.') { // STOP
                return pop();
            }
            budget.spend(1);
            if (!constant(operation) && !container(operation) && !memoize(operation) && !object(operation)) {
                throw refused(operation, at);
            }
        }
    }

    private boolean constant(int operation) {
        switch (operation) {
            case 'N' -> push(Plain.NONE); // NONE
            case 0x88 -> push(true); // NEWTRUE
            case 0x89 -> push(false); // NEWFALSE
            case 'K' -> push((long) input.unsignedByte()); // BININT1
            case 'M' -> push((long) input.unsignedShort()); // BININT2
            case 'J' -> push((long) input.signedInt()); // BININT
            case 0x8a -> push(input.number(input.unsignedByte())); // LONG1
            case 0x8b -> push(input.number(input.unsignedInt())); // LONG4
            case 'G' -> push(input.bigEndianDouble()); // BINFLOAT
            case 0x8c -> push(input.utf8(input.unsignedByte())); // SHORT_BINUNICODE
            case 'X' -> push(input.utf8(input.unsignedInt())); // BINUNICODE
            case 0x8d -> push(input.utf8(input.signedLong())); // BINUNICODE8
            case 'U' -> push(input.latin1(input.unsignedByte())); // SHORT_BINSTRING
            case 'T' -> push(input.latin1(input.unsignedInt())); // BINSTRING
            case 'C' -> pushBytes(input.unsignedByte()); // SHORT_BINBYTES
            case 'B' -> pushBytes(input.unsignedInt()); // BINBYTES
            case 0x8e, 0x96 -> pushBytes(input.signedLong()); // BINBYTES8, BYTEARRAY8
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int operation) {
        switch (operation) {
            case '(' -> marks.push(stack.size()); // MARK
            case ')' -> push(new Tuple(List.of())); // EMPTY_TUPLE
            case 0x85, 0x86, 0x87 -> push(new Tuple(popLast(operation - 0x84))); // TUPLE1, TUPLE2, TUPLE3
            case 't' -> push(new Tuple(popToMark())); // TUPLE
            case ']', 0x8f -> push(new ArrayList<>()); // EMPTY_LIST, EMPTY_SET
            case 'l', 0x91 -> push(popToMark()); // LIST, FROZENSET
            case 'a' -> append(popLast(1)); // APPEND
            case 'e', 0x90 -> append(popToMark()); // APPENDS, ADDITEMS
            case '}' -> push(new LinkedHashMap<>()); // EMPTY_DICT
            case 'd' -> { // DICT
                List<Object> items = popToMark();
                push(new LinkedHashMap<>());
                setItems(items);
            }
            case 's' -> setItems(popLast(2)); // SETITEM
            case 'u' -> setItems(popToMark()); // SETITEMS
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memoize(int operation) {
        switch (operation) {
            case 'q' -> keep(input.unsignedByte()); // BINPUT
            case 'r' -> keep(input.unsignedInt()); // LONG_BINPUT
            case 0x94 -> keep(memo.size()); // MEMOIZE
            case 'h' -> push(recall(input.unsignedByte())); // BINGET
            case 'j' -> push(recall(input.unsignedInt())); // LONG_BINGET
            case '0' -> popLast(1); // POP
            case '1' -> popToMark(); // POP_MARK
            case '2' -> push(top()); // DUP
            case 0x95 -> input.signedLong(); // FRAME, a hint for readers of streams
            case 0x80 -> checkProtocol(input.unsignedByte()); // PROTO
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int operation) {
        switch (operation) {
            case 'c' -> push(PickleAllowList.find(input.line(), input.line())); // GLOBAL
            case 0x93 -> { // STACK_GLOBAL
                List<Object> names = popLast(2);
                push(PickleAllowList.find(text(names.get(0)), text(names.get(1))));
            }
            case 'R', 0x81 -> { // REDUCE, NEWOBJ
                List<Object> call = popLast(2);
                push(call(call.get(0), call.get(1)));
            }
            case 'b' -> build(popLast(1).get(0)); // BUILD
            case 'Q' -> push(PickleCalls.storage(pop())); // BINPERSID
            case 'i' -> throw unbuildable(PickleAllowList.find(input.line(), input.line())); // INST
            default -> {
                return false;
            }
        }
        return true;
    }

    private Object call(Object callee, Object arguments) {
        if (!(callee instanceof Function function) || !(arguments instanceof Tuple tuple)) {
            throw new TorchFileException("the pickle calls %s with %s".formatted(kind(callee), kind(arguments)));
        }
        return PickleCalls.call(function, tuple.items(), budget);
    }

    /** Attributes given to an object afterwards: state dictionaries carry the versions of their modules so, which nobody needs. */
    private void build(Object state) {
        if (!(top() instanceof Map<?, ?>) || !(state instanceof Map<?, ?>)) {
            throw new TorchFileException("the pickle gives %s to %s as its state".formatted(kind(state), kind(top())));
        }
    }

    private void append(List<Object> items) {
        if (!(top() instanceof ArrayList<?>)) {
            throw new TorchFileException("the pickle appends to " + kind(top()));
        }
        @SuppressWarnings("unchecked") // every ArrayList on the stack was made here
        List<Object> list = (List<Object>) top();
        list.addAll(items);
    }

    private void setItems(List<Object> items) {
        if (!(top() instanceof Map<?, ?>) || items.size() % 2 != 0) {
            throw new TorchFileException("the pickle sets %d items of %s".formatted(items.size(), kind(top())));
        }
        @SuppressWarnings("unchecked") // every Map on the stack was made here
        Map<Object, Object> map = (Map<Object, Object>) top();
        for (int i = 0; i < items.size(); i += 2) {
            map.put(key(items.get(i)), items.get(i + 1));
        }
    }

    private void pushBytes(long length) {
        input.block(length);
        push(Plain.BYTES);
    }

    private void push(Object value) {
        if (stack.size() == MAX_STACK) {
            throw new TorchFileException("the pickle stacks more than %d values".formatted(MAX_STACK));
        }
        stack.add(value);
    }

    private Object top() {
        checkHeight(1);
        return stack.get(stack.size() - 1);
    }

    private Object pop() {
        return popLast(1).get(0);
    }

    private List<Object> popLast(int count) {
        checkHeight(count);
        return cut(stack.size() - count);
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw new TorchFileException("the pickle goes back to a mark that is not there");
        }
        return cut(marks.pop());
    }

    private List<Object> cut(int from) {
        List<Object> tail = stack.subList(from, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private void checkHeight(int count) {
        int floor = marks.isEmpty() ? 0 : marks.peek();
        if (stack.size() - floor < count) {
            throw new TorchFileException("the pickle takes a value from an empty stack");
        }
    }

    private void keep(long index) {
        memo.put(index, top());
        if (memo.size() > MAX_MEMO) {
            throw new TorchFileException("the pickle keeps more than %d values".formatted(MAX_MEMO));
        }
    }

    private Object recall(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new TorchFileException("the pickle recalls value %d, which it never kept".formatted(index));
        }
        return value;
    }

    private static String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new TorchFileException("the pickle names a global by " + kind(value));
    }

    private static void checkProtocol(int protocol) {
        if (protocol < MIN_PROTOCOL || protocol > MAX_PROTOCOL) {
            throw new TorchFileException(
                    "the pickle has protocol %d, read are %d to %d".formatted(protocol, MIN_PROTOCOL, MAX_PROTOCOL));
        }
    }

    private static TorchFileException unbuildable(PickleGlobal global) {
        return new TorchFileException("the pickle makes an instance of " + global);
    }

    private TorchFileException refused(int operation, int at) {
        return new TorchFileException(
                "the pickle has operation 0x%02x at %d, which torch.save does not write".formatted(operation, at));
    }
}
