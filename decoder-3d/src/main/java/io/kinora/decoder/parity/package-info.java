/**
 * The parity components of this module: each runs cases of one kind, from a checkpoint as released to the outputs that the official
 * classes give.
 */
package io.kinora.decoder.parity;
