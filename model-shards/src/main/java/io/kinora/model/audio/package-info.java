/** Sound as models take it: samples, their resampling, and log-mel filter banks. */
package io.kinora.model.audio;
