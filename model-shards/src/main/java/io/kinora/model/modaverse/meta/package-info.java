/**
 * The meta-response (Wang et al., 2024, arXiv:2401.06395, section 3.2): the text by which ModaVerse's language model says what is to be
 * made, in the form of the released model and in that of the paper.
 */
package io.kinora.model.modaverse.meta;
