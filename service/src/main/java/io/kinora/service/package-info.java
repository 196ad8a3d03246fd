/** The program: the one place that knows every module. */
package io.kinora.service;
