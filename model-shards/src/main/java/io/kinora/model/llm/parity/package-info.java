/** The parity components of the language model. */
package io.kinora.model.llm.parity;
