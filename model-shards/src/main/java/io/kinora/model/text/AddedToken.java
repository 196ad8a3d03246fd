package io.kinora.model.text;

/**
 * A token whose name is recognised as a whole in trusted text.
 *
 * @param content its name
 * @param id its id
 * @param special whether decoding may leave it out
 * @param stripsLeft whether white space before it is dropped
 * @param stripsRight whether white space after it is dropped
 */
record AddedToken(String content, int id, boolean special, boolean stripsLeft, boolean stripsRight) {}
