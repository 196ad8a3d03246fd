/**
 * ModaVerse (Wang et al., 2024, arXiv:2401.06395): ImageBind's embeddings among the text of a Vicuna with LoRA, which answers with a
 * meta-response: what is to be made, and from which prompt.
 */
package io.kinora.model.modaverse;
