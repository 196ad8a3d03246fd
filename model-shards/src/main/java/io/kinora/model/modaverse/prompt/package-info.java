/** How ModaVerse is asked: media among text, as the released model was trained on. */
package io.kinora.model.modaverse.prompt;
