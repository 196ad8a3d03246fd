/** The visual encoder of Emu2, EVA-02-CLIP-E-plus, and what stands around it: pixel normalisation and pooling. */
package io.kinora.model.vision;
