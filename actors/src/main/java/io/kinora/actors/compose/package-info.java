/**
 * Any modality in, any out, as ModaVerse does it: media and an instruction go to the language model, its meta-response says what is to be
 * made, and generators, chosen by configuration, make it.
 */
package io.kinora.actors.compose;
