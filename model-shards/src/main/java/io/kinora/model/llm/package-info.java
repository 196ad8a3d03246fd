/** The language model: LLaMA layers in stages, on packed rows of many sequences, over a key/value cache in blocks. */
package io.kinora.model.llm;
