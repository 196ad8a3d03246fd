/**
 * ImageBind (Girdhar et al., 2023, arXiv:2305.05665), as far as ModaVerse uses it: the trunks for pictures and sound, and exactly how their
 * inputs are made. One embedding a picture, clip or sound.
 */
package io.kinora.model.modaverse.imagebind;
