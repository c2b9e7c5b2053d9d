# Reference values of the time-series models, by a second implementation.
#
#   Rscript tests/golden/series.R [raw folder = data/raw] [output = series.json beside this script]
#
# Written without sight of the Python package, so that agreement means something.
# Only the published CSV tables go in; every number that leaves is a test value.

suppressPackageStartupMessages({
  library(mgcv)
  library(sandwich)
  library(strucchange)
  library(forecast)
  library(numDeriv)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
args <- commandArgs(TRUE)
raw <- if (length(args) >= 1) args[1] else file.path("data", "raw")
out <- if (length(args) >= 2) args[2] else file.path(dirname(script), "series.json")

# Sorting must not depend on the locale of whoever runs this.
invisible(Sys.setlocale("LC_COLLATE", "C"))

say <- function(...) message(sprintf(...))
EVENTS <- list(sesnsp = c("2019-07", "2022-09"), inegi = "2019-07")
HAC_LAG <- 6L

# glm stops on the deviance, which is flat at the top: coefficients keep half its digits.
# Restarting at the solution until they stand still makes all of it belong to one point.
settled_poisson <- function(y, x, exposure) {
  control <- glm.control(epsilon = 1e-14, maxit = 200)
  d <- list(y = y, x = x, exposure = exposure)
  fit <- suppressWarnings(glm(y ~ 0 + x + offset(log(exposure)), poisson(), d, control = control))
  for (i in 1:200) {
    before <- coef(fit)
    fit <- suppressWarnings(glm(y ~ 0 + x + offset(log(exposure)), poisson(), d,
                                start = before, control = control))
    if (max(abs(coef(fit) - before)) < 1e-11) return(fit)
  }
  stop("the coefficients do not settle")
}

# Newton's method from a good start, with differences by Richardson extrapolation: the
# optimisers of R stop as soon as the likelihood is flat to eight digits, the place is not.
polish <- function(f, at, tolerance = 1e-9) {
  for (i in 1:30) {
    step <- solve(hessian(f, at), grad(f, at))
    at <- at - step
    if (max(abs(step)) < tolerance) return(at)
  }
  stop("the maximum does not settle")
}

# ---------------------------------------------------------------- months -----

month_number <- function(month) {
  12L * as.integer(substr(month, 1, 4)) + as.integer(substr(month, 6, 7)) - 1L
}
month_text <- function(number) sprintf("%04d-%02d", number %/% 12L, number %% 12L + 1L)
shift <- function(month, by) month_text(month_number(month) + as.integer(by))
months_between <- function(first, last) month_text(month_number(first):month_number(last))
year_of <- function(month) as.integer(substr(month, 1, 4))
calendar_of <- function(month) as.integer(substr(month, 6, 7))
days_in_month <- function(month) {
  as.integer(as.Date(paste0(shift(month, 1), "-01")) - as.Date(paste0(month, "-01")))
}

# ------------------------------------------------------------------ data -----

# Everything is read as text: "01" must not become 1.
read_table <- function(name) {
  read.csv(file.path(raw, paste0(name, ".csv")), colClasses = "character",
           encoding = "UTF-8", na.strings = "")
}

states <- sort(read_table("states")$cve_ent)
stopifnot(length(states) == 32)
population <- local({
  d <- read_table("conapo_population_state_year")
  setNames(as.numeric(d$population), paste(d$cve_ent, d$year))
})

# One full state x month grid per outcome, so that a missing row can not go unseen.
grid_of <- function(d, value) {
  d <- d[d$cve_ent %in% states, ]
  stopifnot(!anyDuplicated(paste(d$cve_ent, d$month)))
  g <- expand.grid(month = months_between(min(d$month), max(d$month)), cve_ent = states,
                   stringsAsFactors = FALSE)
  g$y <- unname(setNames(as.numeric(d[[value]]), paste(d$cve_ent, d$month))[
    paste(g$cve_ent, g$month)])
  g$exposure <- unname(population[paste(g$cve_ent, year_of(g$month))]) *
    days_in_month(g$month) / 365.25
  stopifnot(!anyNA(g))
  g
}

inegi <- grid_of(read_table("inegi_homicides_state_month"), "homicides")
sesnsp <- local({
  d <- read_table("sesnsp_victims_state_month")
  d <- d[d$crime == "intentional_homicide", ]
  d$victims <- as.numeric(d$victims)
  grid_of(aggregate(victims ~ cve_ent + month, d, sum), "victims")
})

# Oaxaca sent nothing for these months; the zeros are silence, not peace. The national
# series takes the INEGI count of the same cell.
fill <- paste("20", c("2015-01", "2015-03", "2015-04", "2015-06", "2015-07",
                      "2015-09", "2015-10", "2015-12", "2016-10"))
filled <- local({
  here <- paste(sesnsp$cve_ent, sesnsp$month) %in% fill
  stopifnot(sum(here) == 9, all(sesnsp$y[here] == 0))
  d <- sesnsp
  d$y[here] <- unname(setNames(inegi$y, paste(inegi$cve_ent, inegi$month))[
    paste(d$cve_ent, d$month)[here]])
  d
})

national_of <- function(grid) {
  d <- aggregate(cbind(y, exposure) ~ month, grid, sum)
  d[order(d$month), ]
}
national <- list(sesnsp = national_of(filled), inegi = national_of(inegi))
window_of <- function(source, start, end = "9999-12") {
  d <- national[[source]]
  d <- d[d$month >= start & d$month <= end, ]
  stopifnot(identical(d$month, months_between(d$month[1], d$month[nrow(d)])), all(d$y > 0))
  d
}

sanity <- local({
  sum_of <- function(source, first, last) sum(window_of(source, first, last)$y)
  list(
    sesnsp_2015_filled = sum_of("sesnsp", "2015-01", "2015-12"),
    sesnsp_2024 = sum_of("sesnsp", "2024-01", "2024-12"),
    sesnsp_2018_12_to_2023_11 = sum_of("sesnsp", "2018-12", "2023-11"),
    oaxaca_fill = sum(filled$y) - sum(sesnsp$y),
    sesnsp_months = nrow(national$sesnsp),
    inegi_months = nrow(national$inegi))
})
filled_2015 <- sum(filled$y[paste(filled$cve_ent, filled$month) %in% fill[1:8]])
stopifnot(identical(unname(unlist(sanity)),
                    c(17884 + filled_2015, 30046, 163921, 577, 126, 276)))

# ------------------------------------------------------------- inference -----

# Newey-West by hand: only here to prove that the library call does what is said.
hac_by_hand <- function(scores, bread, lag) {
  meat <- crossprod(scores)
  n <- nrow(scores)
  for (l in seq_len(lag)) {
    cross <- crossprod(scores[(l + 1):n, , drop = FALSE], scores[1:(n - l), , drop = FALSE])
    meat <- meat + (1 - l / (lag + 1)) * (cross + t(cross))
  }
  bread %*% meat %*% bread
}

hac <- function(fit, lag = HAC_LAG) {
  v <- NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = FALSE, sandwich = TRUE)
  x <- model.matrix(fit)
  mu <- fitted(fit)
  check <- hac_by_hand((fit$y - mu) * x, solve(crossprod(x, mu * x)), lag)
  stopifnot(all.equal(unname(check), unname(v), tolerance = 1e-7))
  v
}

p_of <- function(estimate, std_error) 2 * pnorm(-abs(estimate / std_error))
dispersion_of <- function(fit) sum((fit$y - fitted(fit))^2 / fitted(fit)) / fit$df.residual

# ---------------------------------------------------------- interruption -----

years_since <- function(month, start) (month_number(month) - month_number(start)) / 12
fourier <- function(month, pairs = 2) {
  m <- calendar_of(month)
  x <- do.call(cbind, lapply(seq_len(pairs), function(j) {
    cbind(sin(2 * pi * j * m / 12), cos(2 * pi * j * m / 12))
  }))
  colnames(x) <- paste0(c("sin", "cos"), rep(seq_len(pairs), each = 2))
  x
}
segments <- function(month, events) {
  x <- cbind(const = 1, t = years_since(month, month[1]), fourier(month))
  for (e in events) {
    since <- years_since(month, e)
    x <- cbind(x, as.numeric(since >= 0), pmax(0, since))
    colnames(x)[ncol(x) - 1:0] <- paste(c("level", "slope"), e)
  }
  x
}

# Regression with AR(1) errors, exact likelihood. Given rho the coefficients are generalised
# least squares, so one dimension is left; then the whole information matrix, sigma2 in it.
ar1_fit <- function(y, x) {
  n <- length(y)
  whiten <- function(rho, m) rbind(sqrt(1 - rho^2) * m[1, ], m[-1, , drop = FALSE] -
                                     rho * m[-n, , drop = FALSE])
  fit_at <- function(rho) lm.fit(whiten(rho, x), drop(whiten(rho, cbind(y))))
  profile <- function(z) {
    rho <- tanh(z)
    n / 2 * log(sum(fit_at(rho)$residuals^2)) - 0.5 * log(1 - rho^2)
  }
  z <- optimize(profile, c(-3, 3), tol = 1e-9)$minimum
  rho <- tanh(polish(profile, z))
  beta <- fit_at(rho)$coefficients
  minus <- function(p) {
    e <- drop(y - x %*% p[-(1:2)])
    s <- (1 - p[1]^2) * e[1]^2 + sum((e[-1] - p[1] * e[-n])^2)
    n / 2 * log(2 * pi * p[2]) - 0.5 * log(1 - p[1]^2) + s / (2 * p[2])
  }
  e <- drop(y - x %*% beta)
  sigma2 <- ((1 - rho^2) * e[1]^2 + sum((e[-1] - rho * e[-n])^2)) / n
  # The information matrix written out: differences would cost it half its digits.
  lagged <- e[-n]
  now <- e[-1]
  u <- now - rho * lagged
  xr <- x[-1, , drop = FALSE] - rho * x[-n, , drop = FALSE]
  s_rho <- -2 * rho * e[1]^2 - 2 * sum(u * lagged)
  s_beta <- -2 * (1 - rho^2) * e[1] * x[1, ] - 2 * colSums(u * xr)
  s_rho_beta <- 4 * rho * e[1] * x[1, ] + 2 * colSums(lagged * xr + u * x[-n, , drop = FALSE])
  h_rho <- (1 + rho^2) / (1 - rho^2)^2 + (-2 * e[1]^2 + 2 * sum(lagged^2)) / (2 * sigma2)
  h_sigma <- -n / (2 * sigma2^2) + n * sigma2 / sigma2^3
  h_beta <- ((1 - rho^2) * tcrossprod(x[1, ]) + crossprod(xr)) / sigma2
  top <- cbind(c(h_rho, -s_rho / (2 * sigma2^2)), c(-s_rho / (2 * sigma2^2), h_sigma))
  side <- rbind(s_rho_beta / (2 * sigma2), -s_beta / (2 * sigma2^2))
  information <- rbind(cbind(top, side), cbind(t(side), h_beta))
  p <- c(rho, sigma2, beta)
  scale <- sqrt(diag(information))
  numeric <- hessian(function(z) minus(p + z / scale), 0 * p, method.args = list(eps = 1e-2))
  stopifnot(max(abs(numeric - information / outer(scale, scale))) < 1e-5)
  v <- solve(information / outer(scale, scale)) / outer(scale, scale)

  library_fit <- arima(y, order = c(1, 0, 0), xreg = x, include.mean = FALSE, method = "ML",
                       optim.control = list(reltol = 1e-14, maxit = 1000))
  stopifnot(library_fit$code == 0,
            abs(coef(library_fit) - c(rho, beta)) < 1e-3 * sqrt(diag(v))[-2] + 1e-5,
            all.equal(library_fit$loglik, unname(-minus(p)), tolerance = 1e-7),
            all.equal(unname(sqrt(diag(library_fit$var.coef))), unname(sqrt(diag(v))[-2]),
                      tolerance = 0.02))
  list(beta = beta, std_error = sqrt(diag(v))[-(1:2)], rho = rho, rho_std_error = sqrt(v[1, 1]),
       sigma2 = sigma2, log_likelihood = unname(-minus(p)),
       library_std_error = sqrt(diag(library_fit$var.coef))[-1])
}

hac_rows <- function(d, events, extra = list()) {
  x <- segments(d$month, events)
  fit <- settled_poisson(d$y, x, d$exposure)
  se <- sqrt(diag(hac(fit)))
  r <- (d$y - fitted(fit)) / sqrt(fitted(fit))
  n <- length(r)
  lapply(which(grepl("^(t$|level|slope)", colnames(x))), function(j) {
    b <- unname(coef(fit)[j])
    c(extra, list(
      term = colnames(x)[j], inference = "hac", log_estimate = b, estimate = exp(b),
      std_error = unname(se[j]), p_value = p_of(b, se[[j]]),
      dispersion = dispersion_of(fit), residual_ar1 = sum(r[-1] * r[-n]) / sum(r^2),
      residual_ar1_centred = acf(r, 1, plot = FALSE)$acf[2], deviance = deviance(fit),
      n = n, first = d$month[1], last = d$month[n], deaths = sum(d$y)))
  })
}

ar1_rows <- function(d, events, extra = list()) {
  x <- segments(d$month, events)
  fit <- ar1_fit(log(d$y / d$exposure), x)
  lapply(which(grepl("^(t$|level|slope)", colnames(x))), function(j) {
    b <- unname(fit$beta[j])
    c(extra, list(
      term = colnames(x)[j], inference = "ar1", log_estimate = b, estimate = exp(b),
      std_error = unname(fit$std_error[j]), p_value = p_of(b, fit$std_error[[j]]),
      library_std_error = unname(fit$library_std_error[j]),
      rho = fit$rho, rho_std_error = fit$rho_std_error, sigma2 = fit$sigma2,
      log_likelihood = fit$log_likelihood, n = nrow(d), first = d$month[1],
      last = d$month[nrow(d)]))
  })
}

placebos_of <- function(d, event) {
  before <- d[d$month < event, ]
  n <- nrow(before)
  places <- 13:(n - 11)
  # 211 possible dates from 2000 on: every seventh makes 31 without any rounding.
  if (length(places) > 31) {
    stopifnot((length(places) - 1) %% 30 == 0)
    places <- places[seq(1, length(places), by = (length(places) - 1) / 30)]
  }
  stopifnot(length(places) == 31)
  list(data = before, months = before$month[places])
}

interruption <- list()
placebo <- list()
placebo_share <- list()
starts <- list()
for (case in list(c("sesnsp", "2015-01"), c("inegi", "2015-01"), c("inegi", "2000-01"))) {
  source <- case[1]
  d <- window_of(source, case[2])
  events <- EVENTS[[source]]
  named <- list(source = source, start = case[2])
  interruption <- c(interruption, hac_rows(d, events, named), ar1_rows(d, events, named))

  p <- placebos_of(d, events[1])
  rows <- unlist(lapply(p$months, function(m) {
    rows <- hac_rows(p$data, m, c(named, list(month = m)))
    Filter(function(r) r$term != "t", rows)
  }), recursive = FALSE)
  rows <- lapply(rows, function(r) { r$term <- substr(r$term, 1, 5); r })
  placebo <- c(placebo, rows)
  for (term in c("level", "slope")) {
    q <- vapply(Filter(function(r) r$term == term, rows), `[[`, 0, "p_value")
    placebo_share <- c(placebo_share, list(c(named, list(
      term = term, estimate = mean(q < 0.05), placebos = length(q),
      first = p$months[1], last = p$months[31]))))
  }

  begin <- case[2]
  while (month_number(events[1]) - month_number(begin) >= 24) {
    rows <- hac_rows(window_of(source, begin), events, c(named, list(from = begin)))
    starts <- c(starts, Filter(function(r) r$term != "t", rows))
    begin <- shift(begin, 6)
  }
}

# ---------------------------------------------------------------- breaks -----

FORCED <- "2019-07"
SIEGMUND <- -2 * log(1 - sqrt(0.95))
joinpoints <- list()
joinpoint_profile <- list()
optimal_partitions <- list()
breaks <- list()

for (case in list(c("sesnsp", "2015-01"), c("inegi", "2000-01"), c("inegi", "2015-01"))) {
  d <- window_of(case[1], case[2])
  named <- list(source = case[1], start = case[2])
  n <- nrow(d)
  design <- function(m) {
    cbind(segments(d$month, character(0)), bend = pmax(0, years_since(d$month, m)))
  }
  candidates <- d$month[13:(n - 12)]
  deviances <- vapply(candidates, function(m) {
    deviance(settled_poisson(d$y, design(m), d$exposure))
  }, 0)
  best <- which.min(deviances)
  fit <- settled_poisson(d$y, design(candidates[best]), d$exposure)
  phi <- dispersion_of(fit)
  scaled <- (deviances - deviances[best]) / phi
  inside <- which(scaled <= qchisq(0.95, 1))
  v <- hac(fit)
  b <- unname(coef(fit))
  bend <- length(b)
  after_se <- sqrt(v[2, 2] + v[bend, bend] + 2 * v[2, bend])
  joinpoints <- c(joinpoints, list(c(named, list(
    month = candidates[best], month_low = candidates[min(inside)],
    month_high = candidates[max(inside)], contiguous = all(diff(inside) == 1),
    deviance = unname(deviances[best]), dispersion = phi, forced = FORCED,
    cost = unname(scaled[candidates == FORCED]), log_before = b[2], log_ratio = b[bend],
    log_after = b[2] + b[bend], std_error_before = sqrt(v[2, 2]),
    std_error_ratio = sqrt(v[bend, bend]), std_error_after = after_se,
    percent_before = 100 * expm1(b[2]), percent_after = 100 * expm1(b[2] + b[bend]), n = n))))
  joinpoint_profile <- c(joinpoint_profile, lapply(seq_along(candidates), function(i) {
    c(named, list(month = candidates[i], deviance = unname(deviances[i]),
                  scaled = unname(scaled[i])))
  }))

  log_rate <- log(d$y / d$exposure)
  t <- years_since(d$month, d$month[1])
  partition <- breakpoints(log_rate ~ t, h = 12, breaks = 5)
  table <- summary(partition)$RSS
  rss_of <- function(cuts) {
    edges <- c(0, cuts, n)
    sum(vapply(seq_along(edges[-1]), function(i) {
      rows <- (edges[i] + 1):edges[i + 1]
      sum(lm.fit(cbind(1, t[rows]), log_rate[rows])$residuals^2)
    }, 0))
  }
  for (m in 0:5) {
    cuts <- if (m == 0) integer(0) else breakpoints(partition, breaks = m)$breakpoints
    rss <- rss_of(cuts)
    bic <- n * (log(rss) + 1 - log(n) + log(2 * pi)) + log(n) * 3 * (m + 1)
    stopifnot(all.equal(c(rss, bic), unname(table[c("RSS", "BIC"), as.character(m)]),
                        tolerance = 1e-8))
    optimal_partitions <- c(optimal_partitions, list(c(named, list(
      breaks = m, rss = rss, bic = bic, months = paste(d$month[cuts + 1], collapse = " ")))))
    # All counts of breaks get intervals, so that a difference of BIC hides none of them.
    for (i in seq_along(cuts)) {
      edges <- c(0, cuts, n)
      places <- (edges[i] + 12):(edges[i + 2] - 12)
      lr <- vapply(places, function(p) n * log(rss_of(replace(cuts, i, p)) / rss), 0)
      stopifnot(min(lr) > -1e-8)
      kept <- places[lr <= SIEGMUND]
      breaks <- c(breaks, list(c(named, list(
        breaks = m, number = i, month = d$month[cuts[i] + 1], month_low = d$month[min(kept) + 1],
        month_high = d$month[max(kept) + 1], contiguous = all(diff(kept) == 1),
        months_inside = length(kept)))))
    }
  }
}
chosen_breaks <- lapply(split(optimal_partitions, vapply(optimal_partitions, function(r) {
  paste(r$source, r$start)
}, "")), function(rows) rows[[which.min(vapply(rows, `[[`, 0, "bic"))]])
names(chosen_breaks) <- NULL

# ---------------------------------------------------------- smooth trend -----

SMOOTHING <- list(c(1, 1), c(3, 0))
PLACES <- c(nation = "", guanajuato = "11", yucatan = "31", zacatecas = "32")
KNOTS <- paste(
  "trend: inner = min(max(n %/% 6, 4), 40) knots inside [first month, last month], which they cut",
  "into inner + 1 equal pieces, and three more of the same width on either side: inner + 4 cubic",
  "B-splines, scaled to sum to one; season: cyclic cubic B-splines of the calendar month on knots",
  "0.5, 2.5, ..., 12.5 (six functions), coefficients summing to zero, which makes the season",
  "average to zero over the twelve months; penalties lambda times the sum of squared second",
  "differences of the coefficients (around the circle for the season), unscaled")

series_of <- function(cve_ent) {
  if (cve_ent == "") return(window_of("sesnsp", "2015-01"))
  d <- sesnsp[sesnsp$cve_ent == cve_ent & sesnsp$month >= "2015-01", c("month", "y", "exposure")]
  d[order(d$month), ]
}

pspline <- function(d, log10_trend, log10_season) {
  n <- nrow(d)
  x <- as.numeric(seq_len(n))
  inner <- min(max(n %/% 6, 4), 40)
  width <- (n - 1) / (inner + 1)
  knots <- 1 + width * ((-3):(inner + 4))
  trend <- splines::splineDesign(knots, x, ord = 4, outer.ok = TRUE)
  season_12 <- cSplineDes(1:12, knots = 0.5 + 2 * (0:6), ord = 4)
  stopifnot(ncol(trend) == inner + 4, all.equal(rowSums(trend), rep(1, n)),
            ncol(season_12) == 6, all.equal(colSums(season_12), rep(2, 6)))
  free <- qr.Q(qr(matrix(1, 6, 1)), complete = TRUE)[, -1]
  season <- season_12[calendar_of(d$month), ] %*% free
  k <- ncol(trend)
  second <- diff(diag(k), differences = 2)
  circle <- diag(6)[, c(2:6, 1)] - 2 * diag(6) + diag(6)[, c(6, 1:5)]
  s <- matrix(0, k + 5, k + 5)
  s[1:k, 1:k] <- 10^log10_trend * crossprod(second)
  s[k + 1:5, k + 1:5] <- 10^log10_season * t(free) %*% crossprod(circle) %*% free
  b <- cbind(trend, season)
  mu <- d$y + 0.5
  beta <- rep(0, k + 5)
  for (i in 1:200) {
    z <- log(mu / d$exposure) + (d$y - mu) / mu
    new <- solve(crossprod(b, mu * b) + s, crossprod(b, mu * z))
    mu <- drop(exp(b %*% new)) * d$exposure
    done <- max(abs(new - beta)) < 1e-12
    beta <- new
    if (done) break
  }
  stopifnot(max(abs(crossprod(b, d$y - mu) - s %*% beta)) < 1e-6)
  inverse <- solve(crossprod(b, mu * b) + s)
  edf <- sum(diag(inverse %*% crossprod(b, mu * b)))
  phi <- sum((d$y - mu)^2 / mu) / (n - edf)
  deviance <- 2 * sum(ifelse(d$y > 0, d$y * log(d$y / mu), 0) - (d$y - mu))
  alone <- cbind(trend, matrix(0, n, 5))
  list(rate = 1e5 * drop(exp(alone %*% beta)),
       log_std_error = sqrt(phi * rowSums((alone %*% inverse) * alone)),
       season = drop(season_12 %*% free %*% beta[k + 1:5]), edf = edf, dispersion = phi,
       deviance = deviance, gcv = n * deviance / (n - edf)^2, inner_knots = inner)
}

mgcv_trend <- function(d) {
  d$t <- as.numeric(seq_len(nrow(d)))
  d$calendar <- calendar_of(d$month)
  fit <- gam(y ~ s(t, bs = "ps", k = 25, m = c(2, 2)) + s(calendar, bs = "cc", k = 7) +
               offset(log(exposure)), family = quasipoisson, data = d, method = "GCV.Cp",
             knots = list(calendar = c(0.5, 12.5)),
             control = gam.control(epsilon = 1e-10))
  stopifnot(fit$converged, fit$outer.info$conv == "full convergence")
  # The season's mean over the twelve months goes to the trend: mgcv centres it over the
  # months of the data, which are not twelve times the same number.
  at <- function(months, t) {
    predict(fit, data.frame(t = t, calendar = months, exposure = 1), type = "lpmatrix")
  }
  trend <- Reduce(`+`, lapply(1:12, function(m) at(m, d$t))) / 12
  eta <- drop(trend %*% coef(fit))
  list(rate = 1e5 * exp(eta), log_std_error = sqrt(rowSums((trend %*% vcov(fit)) * trend)),
       season = drop(at(1:12, rep(1, 12)) %*% coef(fit)) -
         mean(drop(at(1:12, rep(1, 12)) %*% coef(fit))),
       edf = sum(fit$edf), dispersion = fit$scale, deviance = deviance(fit),
       gcv = unname(fit$gcv.ubre), smoothing = unname(fit$sp))
}

smooth_trend <- list()
for (place in names(PLACES)) {
  d <- series_of(PLACES[[place]])
  named <- list(place = place, cve_ent = if (place == "nation") NA else PLACES[[place]],
                first = d$month[1], last = d$month[nrow(d)])
  smooth_trend <- c(smooth_trend, list(c(named, list(program = "mgcv"), mgcv_trend(d))))
  if (place %in% c("nation", "yucatan")) for (s in SMOOTHING) {
    smooth_trend <- c(smooth_trend, list(c(
      named, list(program = "penalised_splines", log10_trend = s[1], log10_season = s[2]),
      pspline(d, s[1], s[2]))))
  }
}

# -------------------------------------------------------- counterfactual -----

# Unobserved components as generalised least squares: the start of level, slope and season is
# a regression coefficient with a flat prior (the exact diffuse likelihood), the disturbances
# make the covariance matrix. An exact diffuse Kalman filter below must say the same.
components <- function(n, slope) {
  t <- seq_len(n)
  since <- outer(t, t, `-`)
  step <- 1 * (since >= 1)
  ramp <- pmax(since - 1, 0)
  # A seasonal shock puts +1 on its month and -1 on the next, and repeats.
  wave <- ifelse(since < 1, 0, ifelse((since - 1) %% 12 == 0, 1,
                                      ifelse((since - 1) %% 12 == 1, -1, 0)))
  dummies <- diag(12)[(t - 1) %% 12 + 1, ] %*% rbind(diag(11), -1)
  list(x = cbind(1, if (slope) t - 1, dummies),
       v = c(list(irregular = diag(n), level = tcrossprod(step)),
             if (slope) list(slope = tcrossprod(ramp)), list(seasonal = tcrossprod(wave))))
}

ucm_parts <- function(variances, y, parts, n) {
  v <- Reduce(`+`, Map(`*`, variances, lapply(parts$v, function(m) m[1:n, 1:n])))
  x <- parts$x[1:n, ]
  root <- chol(v)
  rx <- backsolve(root, x, transpose = TRUE)
  ry <- backsolve(root, y, transpose = TRUE)
  q <- qr(rx, LAPACK = FALSE)
  d <- ncol(x)
  log_det_x <- as.numeric(determinant(x[1:d, ])$modulus)
  shared <- -sum(log(diag(root))) - sum(log(abs(diag(qr.R(q))))) - sum(qr.resid(q, ry)^2) / 2
  # Density of all months after the first d, given those and a flat prior: the likelihood
  # that leaves the diffuse months out.
  list(root = root, rx = rx, ry = ry, q = q,
       after_start = shared + log_det_x - (n - d) / 2 * log(2 * pi),
       diffuse_states = d)
}

state_space <- function(variances, slope) {
  m <- 12 + slope
  transition <- matrix(0, m, m)
  transition[1, 1] <- 1
  if (slope) transition[1, 2] <- transition[2, 2] <- 1
  s <- 1 + slope
  transition[s + 1, s + 1:11] <- -1
  transition[cbind(s + 2:11, s + 1:10)] <- 1
  q <- rep(0, m)
  q[1] <- variances[["level"]]
  if (slope) q[2] <- variances[["slope"]]
  q[s + 1] <- variances[["seasonal"]]
  z <- rep(0, m)
  z[c(1, s + 1)] <- 1
  list(transition = transition, q = diag(q), z = z, h = variances[["irregular"]])
}

# Exact initial Kalman filter (Koopman & Durbin 2000; Durbin & Koopman 2012, chapter 5).
diffuse_filter <- function(y, model, ahead) {
  m <- length(model$z)
  a <- rep(0, m)
  infinite <- diag(m)
  star <- matrix(0, m, m)
  pieces <- numeric(0)
  means <- variances <- numeric(0)
  diffuse_steps <- 0
  for (t in seq_len(length(y) + ahead)) {
    m_star <- drop(star %*% model$z)
    f_star <- sum(model$z * m_star) + model$h
    if (t > length(y)) {
      means <- c(means, sum(model$z * a))
      variances <- c(variances, f_star)
    } else {
      v <- y[t] - sum(model$z * a)
      m_inf <- drop(infinite %*% model$z)
      f_inf <- sum(model$z * m_inf)
      if (diffuse_steps < m) {
        stopifnot(f_inf > 1e-8)
        diffuse_steps <- diffuse_steps + 1
        pieces <- c(pieces, -0.5 * (log(2 * pi) + log(f_inf)))
        a <- a + m_inf * v / f_inf
        star <- star + tcrossprod(m_inf) * f_star / f_inf^2 -
          (outer(m_star, m_inf) + outer(m_inf, m_star)) / f_inf
        infinite <- infinite - tcrossprod(m_inf) / f_inf
      } else {
        pieces <- c(pieces, -0.5 * (log(2 * pi) + log(f_star) + v^2 / f_star))
        a <- a + m_star * v / f_star
        star <- star - tcrossprod(m_star) / f_star
      }
    }
    a <- drop(model$transition %*% a)
    infinite <- model$transition %*% infinite %*% t(model$transition)
    star <- model$transition %*% star %*% t(model$transition) + model$q
  }
  list(diffuse = sum(pieces), after_start = sum(pieces[-seq_len(m)]),
       after_13 = sum(pieces[-(1:13)]), mean = means, variance = variances)
}

ucm_fit <- function(y, slope) {
  n <- length(y)
  parts <- components(n, slope)
  scale <- var(diff(y))
  minus <- function(theta) {
    p <- tryCatch(ucm_parts(theta^2 * scale, y, parts, n), error = function(e) NULL)
    if (is.null(p)) 1e10 else -p$after_start
  }
  names <- names(parts$v)
  starts <- rbind(0.05, 0.5, c(0.5, 0.05), c(0.05, 0.5))[, rep(1:2, 2)[seq_along(names)]]
  fits <- lapply(seq_len(nrow(starts)), function(i) {
    optim(starts[i, ], minus, method = "L-BFGS-B", lower = 0,
          control = list(maxit = 500, factr = 10))
  })
  values <- vapply(fits, `[[`, 0, "value")
  theta <- unname(fits[[which.min(values)]]$par)
  # A variance is put to zero if that costs nothing; the others are then polished.
  for (i in seq_along(theta)) {
    if (minus(replace(theta, i, 0)) <= minus(theta) + 1e-7) theta[i] <- 0
  }
  inside <- theta > 0
  theta[inside] <- exp(polish(function(p) minus(replace(theta, inside, exp(p))),
                              log(theta[inside]), 1e-7))
  variances <- setNames(as.list(theta^2 * scale), names)
  # At the border the likelihood must fall as the variance rises from zero.
  for (i in which(!inside)) {
    stopifnot(minus(replace(theta, i, 1e-3)) > minus(theta))
  }
  stopifnot(minus(theta) <= min(values) + 1e-6,
            all(eigen(hessian(function(p) minus(replace(theta, inside, p)),
                              theta[inside]))$values > 0))
  variances
}

ucm_forecast <- function(y, variances, slope, ahead) {
  n <- length(y)
  parts <- components(n + ahead, slope)
  p <- ucm_parts(unlist(variances), y, parts, n)
  v <- Reduce(`+`, Map(`*`, unlist(variances), parts$v))
  cross <- backsolve(p$root, v[1:n, n + seq_len(ahead)], transpose = TRUE)
  beta <- qr.coef(p$q, p$ry)
  x <- parts$x[n + seq_len(ahead), ]
  gap <- x - t(cross) %*% p$rx
  mean <- drop(x %*% beta + t(cross) %*% (p$ry - p$rx %*% beta))
  half <- backsolve(qr.R(p$q), t(gap)[p$q$pivot, , drop = FALSE], transpose = TRUE)
  covariance <- v[n + seq_len(ahead), n + seq_len(ahead)] - crossprod(cross) + crossprod(half)
  check <- diffuse_filter(y, state_space(variances, slope), ahead)
  stopifnot(max(abs(check$mean - mean)) < 1e-6,
            max(abs(check$variance / diag(covariance) - 1)) < 1e-6,
            abs(check$after_start - p$after_start) < 1e-6)
  list(mean = mean, covariance = covariance, parts = p,
       diffuse = check$diffuse, after_13 = check$after_13)
}
counterfactual <- list()
for (case in list(c("sesnsp", "2015-01"), c("inegi", "2000-01"))) {
  d <- window_of(case[1], case[2])
  y <- log(d$y / d$exposure)
  before <- d$month < "2019-07"
  n <- sum(before)
  ahead <- sum(!before)
  for (slope in c(FALSE, TRUE)) {
    variances <- ucm_fit(y[before], slope)
    f <- ucm_forecast(y[before], variances, slope, ahead)
    count <- length(variances)
    counterfactual <- c(counterfactual, list(list(
      source = case[1], start = case[2], event = "2019-07",
      trend = if (slope) "local linear trend" else "local level",
      n = n, months = ahead, variances = variances,
      diffuse_states = f$parts$diffuse_states,
      log_likelihood_after_start = f$parts$after_start, log_likelihood_diffuse = f$diffuse,
      log_likelihood_after_13 = f$after_13,
      aic_after_start = 2 * count - 2 * f$parts$after_start,
      aic_diffuse = 2 * (count + f$parts$diffuse_states) - 2 * f$diffuse,
      # The only one of the three that counts the same months in both trends.
      aic_after_13 = 2 * count - 2 * f$after_13,
      month = d$month[!before], log_rate = f$mean, variance = unname(diag(f$covariance)),
      expected = exp(f$mean) * d$exposure[!before], observed = d$y[!before])))
  }
}

# -------------------------------------------------------------- forecast -----

HORIZON <- 12L
d <- window_of("sesnsp", "2015-01")
log_rate <- log(1e5 * d$y / d$exposure)
n <- length(log_rate)
h <- seq_len(HORIZON)
future <- shift(d$month[n], h)
forecasts <- list()
keep <- function(model, mean, variance, ...) {
  forecasts <<- c(forecasts, list(c(list(model = model, last = d$month[n], log_rate = mean,
                                         variance = variance), list(...))))
}

naive_parts <- function(y, lag) {
  n <- length(y)
  sigma2 <- mean(diff(y, lag)^2)
  list(mean = y[n - lag + (h - 1) %% lag + 1], sigma2 = sigma2,
       variance = sigma2 * ((h - 1) %/% lag + 1))
}
drift_parts <- function(y) {
  n <- length(y)
  drift <- mean(diff(y))
  sigma2 <- sum((diff(y) - drift)^2) / (n - 2)
  list(mean = y[n] + h * drift, sigma2 = sigma2, variance = sigma2 * h * (1 + h / (n - 1)),
       drift = drift)
}
series <- ts(log_rate, frequency = 12, start = c(2015, 1))
same_as <- function(f, parts, tolerance = 1e-8) {
  half <- as.numeric(f$upper[, 1] - f$mean) / qnorm(0.975)
  stopifnot(all.equal(as.numeric(f$mean), parts$mean, tolerance = tolerance),
            all.equal(half^2, parts$variance, tolerance = tolerance))
}
p <- naive_parts(log_rate, 1)
same_as(naive(series, HORIZON, level = 95), p)
keep("naive", p$mean, p$variance, sigma2 = p$sigma2)
p <- naive_parts(log_rate, 12)
same_as(snaive(series, HORIZON, level = 95), p)
keep("seasonal naive", p$mean, p$variance, sigma2 = p$sigma2)
p <- drift_parts(log_rate)
same_as(rwf(series, HORIZON, drift = TRUE, level = 95), p)
keep("drift", p$mean, p$variance, sigma2 = p$sigma2, drift = p$drift)

# ARMA likelihood of the differenced series as a plain Gaussian density, and the forecast as
# its conditional expectation: what a diffuse start of the undifferenced series amounts to.
arma_fit <- function(w, x, autocovariance, start, ahead_x, sums) {
  n <- length(w)
  whole <- function(p, size) toeplitz(autocovariance(tanh(p), size))
  solve_at <- function(p) {
    root <- chol(whole(p, n))
    wr <- backsolve(root, w, transpose = TRUE)
    if (is.null(x)) return(list(root = root, e = wr, beta = NULL))
    xr <- backsolve(root, x, transpose = TRUE)
    fit <- lm.fit(xr, wr)
    list(root = root, e = fit$residuals, beta = fit$coefficients)
  }
  minus <- function(p) {
    s <- tryCatch(solve_at(p), error = function(e) NULL)
    if (is.null(s)) return(1e10)
    n / 2 * (log(2 * pi * sum(s$e^2) / n) + 1) + sum(log(diag(s$root)))
  }
  fits <- lapply(start, function(p) optim(p, minus, method = "BFGS",
                                          control = list(reltol = 1e-13, maxit = 1000)))
  best <- fits[[which.min(vapply(fits, `[[`, 0, "value"))]]
  stopifnot(max(abs(tanh(best$par))) < 0.999)
  at <- polish(minus, best$par)
  s <- solve_at(at)
  sigma2 <- sum(s$e^2) / n
  joint <- whole(at, n + HORIZON)
  cross <- backsolve(s$root, joint[1:n, n + h], transpose = TRUE)
  mean <- drop(t(cross) %*% s$e)
  if (!is.null(x)) mean <- mean + drop(ahead_x %*% s$beta)
  covariance <- sigma2 * (joint[n + h, n + h] - crossprod(cross))
  list(parameters = tanh(at), beta = s$beta, sigma2 = sigma2, log_likelihood = -minus(at),
       increment = mean, variance = diag(sums %*% covariance %*% t(sums)))
}

ma_autocovariance <- function(p, size) {
  psi <- rep(0, 14)
  psi[c(1, 2, 13, 14)] <- c(1, p[1], p[2], p[1] * p[2])
  c(vapply(0:13, function(k) sum(psi[1:(14 - k)] * psi[(1 + k):14]), 0), rep(0, size))[1:size]
}
w <- diff(diff(log_rate, 12))
# The next differences add up to levels along the non-seasonal lag only: h stays within a year.
sums <- 1 * outer(h, h, `>=`)
f <- arma_fit(w, NULL, ma_autocovariance, list(c(-0.5, -0.8), c(0.2, -0.5), c(-0.3, -0.3)),
              NULL, sums)
start_path <- log_rate[n] + log_rate[n - 12 + h] - log_rate[n - 12]
mean <- start_path + cumsum(f$increment)
library_fit <- arima(series, c(0, 1, 1), seasonal = c(0, 1, 1), method = "ML",
                     optim.control = list(reltol = 1e-14, maxit = 1000))
library_path <- predict(library_fit, HORIZON)
stopifnot(abs(library_fit$loglik - f$log_likelihood) < 1e-3,
          max(abs(coef(library_fit) - f$parameters)) < 1e-3,
          max(abs(library_path$pred - mean)) < 1e-3,
          max(abs(library_path$se^2 / f$variance - 1)) < 1e-3)
keep("sarima", mean, f$variance, sigma2 = f$sigma2, log_likelihood = f$log_likelihood,
     ma1 = f$parameters[1], seasonal_ma1 = f$parameters[2])

arma_autocovariance <- function(p, size) {
  phi <- p[1]
  theta <- p[2]
  first <- (1 + 2 * phi * theta + theta^2) / (1 - phi^2)
  c(first, (phi + theta) * (1 + phi * theta) / (1 - phi^2) * phi^(0:(size - 2)))
}
x_all <- fourier(c(d$month, future))
x_diff <- diff(x_all)
f <- arma_fit(diff(log_rate), x_diff[1:(n - 1), ], arma_autocovariance,
              list(c(0.5, -0.8), c(-0.3, 0.1), c(0.3, 0.1), c(0.8, -0.95)),
              x_diff[n - 1 + h, ], sums)
mean <- log_rate[n] + cumsum(f$increment)
library_fit <- arima(log_rate, c(1, 1, 1), xreg = x_all[1:n, ], method = "ML",
                     optim.control = list(reltol = 1e-14, maxit = 1000))
library_path <- predict(library_fit, HORIZON, newxreg = x_all[n + h, ])
stopifnot(abs(library_fit$loglik - f$log_likelihood) < 1e-3,
          max(abs(library_path$pred - mean)) < 1e-3,
          max(abs(library_path$se^2 / f$variance - 1)) < 1e-3)
keep("arima fourier", mean, f$variance, sigma2 = f$sigma2, log_likelihood = f$log_likelihood,
     ar1 = f$parameters[1], ma1 = f$parameters[2],
     beta = setNames(as.list(f$beta), colnames(x_all)))

# Additive damped trend, additive season. Given the smoothing parameters the one-step errors
# are linear in the starting states, so least squares finds those and four parameters are left.
ets_run <- function(p, y, start = NULL, season = 12) {
  alpha <- p[1]; beta <- p[2]; gamma <- p[3]; phi <- p[4]
  # Columns: the data with empty states, then each starting state alone without data.
  states <- cbind(0, diag(2 + season))
  data <- c(1, rep(0, 2 + season))
  errors <- matrix(0, length(y), 3 + season)
  for (t in seq_along(y)) {
    level <- states[1, ] + phi * states[2, ]
    e <- y[t] * data - level - states[3, ]
    states <- rbind(level + alpha * e, phi * states[2, ] + beta * e,
                    states[4:(2 + season), ], states[3, ] + gamma * e)
    errors[t, ] <- e
  }
  # A level moved into the season changes nothing, so one coefficient is aliased.
  if (is.null(start)) start <- lm.fit(-errors[, -1], errors[, 1])$coefficients
  start <- c(1, ifelse(is.na(start), 0, start))
  e <- drop(errors %*% start)
  list(sse = sum(e^2), errors = e, states = drop(states %*% start))
}
ets_path <- function(states, phi) states[1] + cumsum(phi^h) * states[2] + states[2 + h]
ets_minus <- function(p) length(log_rate) / 2 * log(ets_run(p, log_rate)$sse)
# alpha, the shares beta / alpha and gamma / (1 - alpha), and phi, in their usual bounds.
ets_parameters <- function(q) c(q[1], q[1] * q[2], (1 - q[1]) * q[3], q[4])
ets_fits <- lapply(list(c(0.3, 0.1, 0.1, 0.9), c(0.7, 0.05, 0.05, 0.97), c(0.5, 0.5, 0.3, 0.85)),
                   function(q) {
  optim(q, function(q) ets_minus(ets_parameters(q)), method = "L-BFGS-B",
        lower = c(rep(1e-4, 3), 0.8), upper = c(rep(0.9999, 3), 0.98),
        control = list(maxit = 500, factr = 10))
})
ets_best <- ets_fits[[which.min(vapply(ets_fits, `[[`, 0, "value"))]]
p <- ets_parameters(ets_best$par)
run <- ets_run(p, log_rate)
damp <- cumsum(p[4]^h)
ets_mean <- ets_path(run$states, p[4])
sigma2 <- run$sse / n
weight <- p[1] + p[2] * damp
ets_variance <- sigma2 * cumsum(c(1, weight[-HORIZON]^2))
library_fit <- ets(series, "AAA", damped = TRUE, maxit = 1e5)
library_path <- forecast(library_fit, HORIZON, level = 95)
library_sse <- sum(residuals(library_fit)^2)
# Its seventeen-dimensional simplex search stops short; the recursion itself must agree:
# its own parameters and starting states give its own errors and path here.
own <- ets_run(library_fit$par[c("alpha", "beta", "gamma", "phi")], log_rate,
               c(library_fit$initstate[1:2], rev(library_fit$initstate[3:14])))
stopifnot(max(abs(own$errors - residuals(library_fit))) < 1e-8,
          max(abs(ets_path(own$states, library_fit$par[["phi"]]) - library_path$mean)) < 1e-8,
          run$sse < library_sse)
say("ETS: sum of squares %.8f, forecast::ets %.8f", run$sse, library_sse)
keep("ets", ets_mean, ets_variance, sigma2 = sigma2, sse = run$sse, alpha = p[1], beta = p[2],
     gamma = p[3], phi = p[4],
     log_likelihood = -n / 2 * (log(2 * pi * sigma2) + 1), library_sse = library_sse,
     library_log_rate = as.numeric(library_path$mean),
     library_parameters = as.list(library_fit$par[c("alpha", "beta", "gamma", "phi")]))

variances <- ucm_fit(log_rate, TRUE)
f <- ucm_forecast(log_rate, variances, TRUE, HORIZON)
keep("ucm", f$mean, unname(diag(f$covariance)), variances = variances,
     log_likelihood = f$parts$after_start)

# Weighted interval score (Bracher et al. 2021), which is twice the mean pinball loss.
wis <- function(y, median, levels, low, high) {
  alpha <- 1 - levels / 100
  score <- (high - low) + 2 / alpha * pmax(low - y, 0) + 2 / alpha * pmax(y - high, 0)
  value <- (0.5 * abs(y - median) + sum(alpha / 2 * score)) / (length(levels) + 0.5)
  q <- c(median, low, high)
  tau <- c(0.5, alpha / 2, 1 - alpha / 2)
  stopifnot(abs(value - 2 * mean((y - q) * (tau - (y < q)))) < 1e-12)
  value
}
LEVELS <- c(50, 80, 95)
wis_cases <- lapply(list(
  list(y = 10, median = 10, low = c(9, 8, 7), high = c(11, 12, 13)),
  list(y = 12.5, median = 10, low = c(9, 8, 7), high = c(11, 12, 13)),
  list(y = 4, median = 10, low = c(9, 8, 7), high = c(11, 13, 16)),
  list(y = 7, median = 10, low = c(9, 8, 7), high = c(11, 13, 16)),
  list(y = 0, median = 0, low = c(0, 0, 0), high = c(0, 0, 0)),
  list(y = 2000, median = 2100.5, low = c(2050, 1990, 1900), high = c(2150, 2210, 2305))),
  function(k) c(k, list(levels = LEVELS, wis = wis(k$y, k$median, LEVELS, k$low, k$high))))

# The backtest of the two models without parameters. The rate is the target; sigma2 of the
# intervals is estimated at the first origin and again every twelve origins.
backtest <- lapply(c(naive = 1, `seasonal naive` = 12), function(lag) {
  rate <- exp(log_rate)
  origins <- 60:(n - HORIZON)
  scores <- do.call(rbind, lapply(origins, function(o) {
    fitted_at <- 60 + (o - 60) %/% 12 * 12
    sigma2 <- mean(diff(log_rate[1:fitted_at], lag)^2)
    path <- naive_parts(log_rate[1:o], lag)$mean
    sd <- sqrt(sigma2 * ((h - 1) %/% lag + 1))
    y <- rate[o + h]
    bounds <- function(level) list(low = exp(path - qnorm(0.5 + level / 200) * sd),
                                   high = exp(path + qnorm(0.5 + level / 200) * sd))
    all <- lapply(LEVELS, bounds)
    scale <- mean(abs(diff(rate[1:o], 12)))
    data.frame(
      error = abs(y - exp(path)), scaled = abs(y - exp(path)) / scale,
      wis = vapply(h, function(i) wis(y[i], exp(path[i]), LEVELS,
                                      vapply(all, function(b) b$low[i], 0),
                                      vapply(all, function(b) b$high[i], 0)), 0),
      in_80 = y >= all[[2]]$low & y <= all[[2]]$high,
      in_95 = y >= all[[3]]$low & y <= all[[3]]$high)
  }))
  list(origins = length(origins), forecasts = nrow(scores), first_origin = d$month[60],
       last_origin = d$month[n - HORIZON], mae = mean(scores$error), mase = mean(scores$scaled),
       wis = mean(scores$wis), coverage_80 = mean(scores$in_80),
       coverage_95 = mean(scores$in_95))
})
backtest <- Map(function(name, row) c(list(model = name), row), names(backtest), backtest)
names(backtest) <- NULL

# ----------------------------------------------------------------- output ----

packages <- c("mgcv", "sandwich", "strucchange", "forecast", "numDeriv", "jsonlite")
result <- list(
  meta = list(
    r = paste(R.version$major, R.version$minor, sep = "."),
    packages = lapply(setNames(nm = packages), function(p) as.character(packageVersion(p))),
    spline_knots = KNOTS, siegmund = SIEGMUND),
  sanity = sanity,
  interruption = interruption,
  placebo = placebo,
  placebo_share = placebo_share,
  starts = starts,
  joinpoint = joinpoints,
  joinpoint_profile = joinpoint_profile,
  partition = optimal_partitions,
  chosen_partition = chosen_breaks,
  breaks = breaks,
  smooth_trend = smooth_trend,
  counterfactual = counterfactual,
  forecast = forecasts,
  backtest = backtest,
  wis = wis_cases)
writeLines(toJSON(result, auto_unbox = TRUE, digits = NA, na = "null", null = "null",
                  pretty = TRUE), out)
say("written")
