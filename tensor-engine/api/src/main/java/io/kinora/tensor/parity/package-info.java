/**
 * Parity cases: a small checkpoint, inputs, and what the official implementation gives for them. A component runs a case, and
 * a report says how far its outputs are from the official ones.
 */
package io.kinora.tensor.parity;
