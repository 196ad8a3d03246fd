/**
 * Prompts of Emu2, Emu2-Chat and Emu2-Gen: special tokens, templates, boxes as pictures, and what answers are parsed into.
 *
 * <p>Token names, order and templates are the released ones, which differ from the paper's.
 */
package io.kinora.model.emu2.prompt;
