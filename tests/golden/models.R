# Reference values of the statistical models, by a second implementation.
#
#   Rscript tests/golden/models.R [raw folder = data/raw] [output = models.json beside this script]
#
# Written without sight of the Python package, so that agreement means something.
# Only the published CSV tables go in; every number that leaves is a test value.

suppressPackageStartupMessages({
  library(MASS)
  library(sandwich)
  library(metafor)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
args <- commandArgs(TRUE)
raw <- if (length(args) >= 1) args[1] else file.path("data", "raw")
out <- if (length(args) >= 2) args[2] else file.path(dirname(script), "models.json")

# Sorting must not depend on the locale of whoever runs this.
invisible(Sys.setlocale("LC_COLLATE", "C"))

Z <- qnorm(0.975)
say <- function(...) message(sprintf(...))

# glm stops on the deviance, which is flat at the top: coefficients keep half its digits,
# and the weights behind the covariance are those of the iteration before. Restarting at
# the solution until the coefficients stand still makes all of it belong to one point.
settled_glm <- function(formula, data, family) {
  control <- glm.control(epsilon = 1e-14, maxit = 200)
  fit <- suppressWarnings(glm(formula, family, data, control = control))
  for (i in 1:200) {
    before <- coef(fit)
    fit <- suppressWarnings(glm(formula, family, data, start = before, control = control))
    if (max(abs(coef(fit) - before)) < 1e-11) return(fit)
  }
  stop("the coefficients do not settle")
}
poisson_fit <- function(formula, data) settled_glm(formula, data, poisson())

# ---------------------------------------------------------------- months -----

month_number <- function(month) {
  12L * as.integer(substr(month, 1, 4)) + as.integer(substr(month, 6, 7)) - 1L
}
month_text <- function(number) sprintf("%04d-%02d", number %/% 12L, number %% 12L + 1L)
shift <- function(month, by) month_text(month_number(month) + as.integer(by))
months_between <- function(first, last) month_text(month_number(first):month_number(last))
year_of <- function(month) as.integer(substr(month, 1, 4))
days_in_month <- function(month) {
  as.integer(as.Date(paste0(shift(month, 1), "-01")) - as.Date(paste0(month, "-01")))
}
days_in_year <- function(year) {
  as.integer(as.Date(sprintf("%d-01-01", year + 1L)) - as.Date(sprintf("%d-01-01", year)))
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
population_of <- function(cve_ent, month) unname(population[paste(cve_ent, year_of(month))])
national_population <- function(year) {
  vapply(year, function(y) sum(population[paste(states, y)]), 0)
}
person_years_of <- function(cve_ent, month) {
  population_of(cve_ent, month) * days_in_month(month) / 365.25
}

# One full state x month grid per outcome, so that a missing row can not go unseen.
grid_of <- function(d, value) {
  d <- d[d$cve_ent %in% states, ]
  stopifnot(!anyDuplicated(paste(d$cve_ent, d$month)))
  months <- months_between(min(d$month), max(d$month))
  g <- expand.grid(month = months, cve_ent = states, stringsAsFactors = FALSE)
  g$y <- setNames(as.numeric(d[[value]]), paste(d$cve_ent, d$month))[paste(g$cve_ent, g$month)]
  g$y <- unname(g$y)
  g$person_years <- person_years_of(g$cve_ent, g$month)
  stopifnot(!anyNA(g$person_years))
  g
}

victims <- read_table("sesnsp_victims_state_month")
victims$victims <- as.numeric(victims$victims)
victims_of <- function(crime) {
  d <- victims[victims$crime == crime, ]
  grid_of(aggregate(victims ~ cve_ent + month, d, sum), "victims")
}
intentional_as_found <- victims_of("intentional_homicide")
negligent <- victims_of("negligent_homicide")
inegi <- grid_of(read_table("inegi_homicides_state_month"), "homicides")
stopifnot(!anyNA(intentional_as_found$y), !anyNA(negligent$y), !anyNA(inegi$y))

# Oaxaca sent nothing for these months; the zeros are silence, not peace.
missing_cells <- paste("20", c("2015-01", "2015-03", "2015-04", "2015-06", "2015-07",
                               "2015-09", "2015-10", "2015-12", "2016-10"))
intentional <- intentional_as_found
is_missing <- paste(intentional$cve_ent, intentional$month) %in% missing_cells
stopifnot(sum(is_missing) == 9, all(intentional$y[is_missing] == 0))
intentional$y[is_missing] <- NA

# Only national sums are filled: a state model gains nothing from another source's cell.
intentional_filled <- intentional
intentional_filled$y[is_missing] <- local({
  count <- setNames(inegi$y, paste(inegi$cve_ent, inegi$month))
  unname(count[paste(intentional$cve_ent, intentional$month)[is_missing]])
})

national_of <- function(grid) {
  d <- aggregate(cbind(y, person_years) ~ month, grid, sum)
  d[order(d$month), ]
}
national <- list(sesnsp = national_of(intentional_filled), inegi = national_of(inegi))
outcomes <- list(sesnsp = intentional, inegi = inegi, negligent = negligent)

guards_as_found <- local({
  d <- read_table("guard_deployment_state_month")
  d$guards <- as.numeric(d$guards)
  d[order(d$cve_ent, d$month), ]
})
guards <- guards_as_found
# Three states carry each other's figures in this month.
for (fix in list(c("09", 12224), c("05", 2173), c("06", 979))) {
  guards$guards[guards$month == "2021-03" & guards$cve_ent == fix[1]] <- as.numeric(fix[2])
}
stopifnot(nrow(guards) == 32 * 25, all(guards$guards > 0),
          sum(guards$guards) == sum(guards_as_found$guards))

inegi_official <- local({
  d <- read_table("inegi_homicides_national")
  d <- d[d$period == "year", ]
  d$year <- as.integer(d$year)
  d$homicides <- as.numeric(d$homicides)
  d
})
official_of <- function(year, status) {
  d <- inegi_official[inegi_official$status == status, ]
  stopifnot(!anyDuplicated(d$year))
  unname(setNames(d$homicides, d$year)[as.character(year)])
}

# ---------------------------------------------------------------- sanity -----

sanity <- local({
  found <- aggregate(y ~ month, intentional_as_found, sum)
  of <- function(first, last) sum(found$y[found$month >= first & found$month <= last])
  list(
    sesnsp_2015_unfilled = of("2015-01", "2015-12"),
    sesnsp_2024 = of("2024-01", "2024-12"),
    sesnsp_2018_12_to_2023_11 = of("2018-12", "2023-11"),
    guards_2021_07 = sum(guards$guards[guards$month == "2021-07"]),
    oaxaca_fill = sum(intentional_filled$y[is_missing])
  )
})
stopifnot(identical(unname(unlist(sanity)), c(17884, 30046, 163921, 99946, 577)))

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

hac <- function(fit, lag) {
  v <- NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = FALSE, sandwich = TRUE)
  x <- model.matrix(fit)
  theta <- if (is.null(fit$theta)) Inf else fit$theta
  mu <- fitted(fit)
  weight <- if (is.finite(theta)) theta / (theta + mu) else 1
  check <- hac_by_hand((fit$y - mu) * weight * x, solve(crossprod(x, mu * weight * x)), lag)
  stopifnot(all.equal(unname(check), unname(v), tolerance = 1e-7))
  v
}

percent <- function(log_estimate) 100 * expm1(log_estimate)

# -------------------------------------------------------- administrations ----

begin <- c(fox = "2000-12", calderon = "2006-12", pena_nieto = "2012-12",
           lopez_obrador = "2018-12", sheinbaum = "2024-10")
end <- c(shift(begin[-1], -1), "9999-12")
names(end) <- names(begin)

log_rate <- function(d) {
  n <- nrow(d)
  lag <- min(12L, n - 2L)
  fit <- poisson_fit(y ~ 1 + offset(log(person_years)), data = d)
  list(log_estimate = unname(coef(fit)) + log(1e5), std_error = sqrt(hac(fit, lag)[1, 1]),
       lag = lag, deaths = sum(d$y), person_years = sum(d$person_years), months = n,
       first = min(d$month), last = max(d$month))
}

rate_row <- function(source, who, d) {
  r <- log_rate(d)
  list(kind = "rate", source = source, term = who,
       estimate = exp(r$log_estimate), log_estimate = r$log_estimate, std_error = r$std_error,
       conf_low = exp(r$log_estimate - Z * r$std_error),
       conf_high = exp(r$log_estimate + Z * r$std_error),
       hac_lag = r$lag, deaths = r$deaths, person_years = r$person_years,
       months = r$months, first = r$first, last = r$last)
}

# The earlier window is the same calendar months k years before, so season cancels;
# w can not pass 12 k, or the two windows would overlap.
equal_windows <- function(start, stop, earlier_start, earlier_stop) {
  available <- month_number(stop) - month_number(start) + 1L
  best <- NULL
  for (k in 1:20) {
    w <- min(12L * k, available)
    from <- shift(start, -12L * k)
    to <- shift(from, w - 1L)
    if (from < earlier_start || to > earlier_stop) next
    if (is.null(best) || w > best$w) best <- list(k = k, w = w, from = from, to = to)
  }
  best
}

ratio_row <- function(source, later, earlier, d) {
  first <- min(d$month)
  last <- max(d$month)
  # A term that began before the data has no first month to start the window at.
  if (begin[[later]] < first || begin[[later]] > last) return(NULL)
  window <- equal_windows(begin[[later]], min(end[[later]], last),
                          max(begin[[earlier]], first), end[[earlier]])
  if (is.null(window)) return(NULL)
  to <- shift(begin[[later]], window$w - 1L)
  a <- log_rate(d[d$month >= begin[[later]] & d$month <= to, ])
  b <- log_rate(d[d$month >= window$from & d$month <= window$to, ])
  estimate <- a$log_estimate - b$log_estimate
  std_error <- sqrt(a$std_error^2 + b$std_error^2)
  list(kind = "ratio", source = source, term = later, reference = earlier,
       estimate = exp(estimate), log_estimate = estimate, std_error = std_error,
       conf_low = exp(estimate - Z * std_error), conf_high = exp(estimate + Z * std_error),
       p_value = 2 * pnorm(-abs(estimate / std_error)),
       k = window$k, w = window$w, hac_lag = a$lag,
       first = a$first, last = a$last, deaths = a$deaths, rate = exp(a$log_estimate),
       std_error_window = a$std_error,
       reference_first = b$first, reference_last = b$last, reference_deaths = b$deaths,
       reference_rate = exp(b$log_estimate), reference_std_error = b$std_error)
}

administrations <- list()
for (source in names(national)) {
  d <- national[[source]]
  for (who in names(begin)) {
    term <- d[d$month >= begin[[who]] & d$month <= end[[who]], ]
    if (nrow(term) > 2) administrations <- c(administrations, list(rate_row(source, who, term)))
  }
  for (i in seq_along(begin)[-1]) {
    row <- ratio_row(source, names(begin)[i], names(begin)[i - 1], d)
    if (!is.null(row)) administrations <- c(administrations, list(row))
  }
}

# ------------------------------------------------------------ state trend ----

TREND_START <- "2019-07"
TREND_LAG <- 6L

# The maximum by another road: the root of the profile score in log(theta). glm.nb
# alternates between mean and theta and its stopping rule can be met early.
profile_fit <- function(formula, d, theta) {
  fit_at <- function(theta) settled_glm(formula, d, negative.binomial(theta))
  score <- function(log_theta) {
    theta <- exp(log_theta)
    fit <- fit_at(theta)
    mu <- fitted(fit)
    y <- fit$y
    theta * sum(digamma(y + theta) - digamma(theta) + log(theta) + 1 -
                  log(theta + mu) - (y + theta) / (theta + mu))
  }
  root <- uniroot(score, log(theta) + c(-0.2, 0.2), extendInt = "downX", tol = 1e-13)$root
  fit <- fit_at(exp(root))
  fit$theta <- exp(root)
  fit
}

# The same sandwich with the observed Hessian as bread. With a log link NB2 is not in
# canonical form, so observed and expected information part where the trend is not a
# straight line, and libraries differ in which they take. Both variants are kept beside
# the main one so that a test which meets them can recognise them:
#   observed  theta held fixed, mean parameters only
#   joint     theta and mean parameters maximised together
observed_std_errors <- function(fit, lag, term) {
  x <- model.matrix(fit)
  y <- fit$y
  mu <- fitted(fit)
  r <- fit$theta
  j <- match(term, colnames(x))

  mean_scores <- (y - mu) * r / (r + mu) * x
  mean_hessian <- -crossprod(x, mu * r * (r + y) / (r + mu)^2 * x)
  observed <- hac_by_hand(mean_scores, solve(-mean_hessian), lag)[j, j]

  theta_score <- digamma(y + r) - digamma(r) + log(r) + 1 - log(r + mu) - (r + y) / (r + mu)
  cross <- crossprod(x, (y - mu) * mu / (r + mu)^2)
  corner <- sum(trigamma(y + r) - trigamma(r) + 1 / r - 1 / (r + mu) - (mu - y) / (r + mu)^2)
  hessian <- rbind(cbind(mean_hessian, cross), c(cross, corner))
  # solve() calls the system singular when theta's curvature is small against the
  # others' though it is well determined; scaling first takes care of that.
  s <- 1 / sqrt(-diag(hessian))
  bread <- s * t(s * solve(-hessian * outer(s, s), tol = 1e-14))
  joint <- hac_by_hand(cbind(mean_scores, theta_score), bread, lag)[j, j]
  sqrt(c(observed = observed, joint = joint))
}

trend_of <- function(source, cve_ent, d) {
  formula <- y ~ t + sine + cosine + offset(log(person_years))
  warnings <- character(0)
  fit <- tryCatch(
    withCallingHandlers(
      glm.nb(formula, data = d, control = glm.control(epsilon = 1e-12, maxit = 500)),
      warning = function(w) {
        warnings <<- c(warnings, conditionMessage(w))
        invokeRestart("muffleWarning")
      }),
    error = function(e) {
      warnings <<- c(warnings, conditionMessage(e))
      NULL
    })
  poisson <- poisson_fit(formula, data = d)
  # The likelihood rises from alpha = 0 exactly when this is positive.
  boundary_score <- sum((d$y - fitted(poisson))^2 - d$y) / 2

  usable <- !is.null(fit) && fit$converged && 1 / fit$theta >= 1e-6 && boundary_score > 0
  if (usable) {
    best <- profile_fit(formula, d, fit$theta)
    gap <- max(abs(coef(fit) - coef(best)), abs(log(fit$theta / best$theta)))
    if (gap > 1e-5) stop(sprintf("%s %s: glm.nb is %.1e from the profile maximum", source, cve_ent, gap))
    log_likelihood <- fit$twologlik / 2
    fit <- best
    model <- "nb2"
    theta <- fit$theta
    alpha <- 1 / theta
    variants <- observed_std_errors(fit, TREND_LAG, "t")
  } else {
    # Falling back is right only if no interior alpha beats the Poisson likelihood.
    interior <- vapply(10^seq(-5, 1, by = 0.1), function(a) {
      mu <- fitted(suppressWarnings(glm(formula, negative.binomial(1 / a), d)))
      sum(dnbinom(d$y, size = 1 / a, mu = mu, log = TRUE))
    }, 0)
    stopifnot(max(interior) < sum(dpois(d$y, fitted(poisson), log = TRUE)))
    fit <- poisson
    model <- "quasi_poisson"
    theta <- NA
    alpha <- 0
    log_likelihood <- NA
    variants <- c(observed = NA, joint = NA)
  }
  v <- hac(fit, TREND_LAG)
  estimate <- unname(coef(fit)["t"])
  std_error <- sqrt(v["t", "t"])
  list(
    kind = "state", source = source, term = cve_ent, cve_ent = cve_ent, model = model,
    estimate = percent(estimate), log_estimate = estimate, std_error = std_error,
    conf_low = percent(estimate - Z * std_error), conf_high = percent(estimate + Z * std_error),
    p_value = 2 * pnorm(-abs(estimate / std_error)), q_value = NA,
    alpha = alpha, theta = theta, log_likelihood = log_likelihood,
    std_error_observed = variants[["observed"]], std_error_joint = variants[["joint"]],
    intercept = unname(coef(fit)["(Intercept)"]),
    sine = unname(coef(fit)["sine"]), cosine = unname(coef(fit)["cosine"]),
    poisson_log_estimate = unname(coef(poisson)["t"]),
    poisson_std_error = sqrt(hac(poisson, TREND_LAG)["t", "t"]),
    pearson_dispersion = sum((d$y - fitted(poisson))^2 / fitted(poisson)) / poisson$df.residual,
    boundary_score = boundary_score,
    converged = fit$converged,
    glm_nb_warning = if (length(warnings)) warnings[1] else NA,
    n = nrow(d), victims = sum(d$y), first = min(d$month), last = max(d$month), hac_lag = TREND_LAG)
}

pooled_of <- function(source, rows) {
  y <- vapply(rows, `[[`, 0, "log_estimate")
  v <- vapply(rows, `[[`, 0, "std_error")^2
  k <- length(y)
  w <- 1 / v
  fixed <- sum(w * y) / sum(w)
  q <- sum(w * (y - fixed)^2)
  tau2 <- max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w)))
  w_star <- 1 / (v + tau2)
  mu <- sum(w_star * y) / sum(w_star)
  se <- sqrt(1 / sum(w_star))
  i2 <- max(0, (q - (k - 1)) / q)
  library_fit <- rma(yi = y, vi = v, method = "DL")
  stopifnot(all.equal(c(library_fit$beta[1], library_fit$se, library_fit$tau2, library_fit$QE,
                        library_fit$I2 / 100), c(mu, se, tau2, q, i2), tolerance = 1e-10))
  half <- qt(0.975, k - 2) * sqrt(tau2 + se^2)
  list(
    kind = "pooled", source = source, term = "pooled",
    estimate = percent(mu), log_estimate = mu, std_error = se,
    conf_low = percent(mu - Z * se), conf_high = percent(mu + Z * se),
    log_conf_low = mu - Z * se, log_conf_high = mu + Z * se,
    p_value = 2 * pnorm(-abs(mu / se)),
    prediction_low = percent(mu - half), prediction_high = percent(mu + half),
    log_prediction_low = mu - half, log_prediction_high = mu + half,
    tau2 = tau2, i2 = i2, q = q, q_df = k - 1,
    q_p_value = pchisq(q, k - 1, lower.tail = FALSE), states = k)
}

state_trend <- list()
for (source in c("sesnsp", "inegi")) {
  d <- outcomes[[source]]
  d <- d[d$month >= TREND_START, ]
  stopifnot(!anyNA(d$y))
  d$t <- (month_number(d$month) - month_number(TREND_START)) / 12
  calendar <- as.integer(substr(d$month, 6, 7))
  d$sine <- sin(2 * pi * calendar / 12)
  d$cosine <- cos(2 * pi * calendar / 12)
  rows <- lapply(states, function(s) trend_of(source, s, d[d$cve_ent == s, ]))
  q <- p.adjust(vapply(rows, `[[`, 0, "p_value"), "BH")
  for (i in seq_along(rows)) rows[[i]]$q_value <- q[i]
  state_trend <- c(state_trend, rows, list(pooled_of(source, rows)))
}

# ------------------------------------------------------- guard elasticity ----

elasticity <- function(source = "sesnsp", outcome = "intentional", lag = 0L,
                       effects = "state+month", corrections = "on", drop = NULL) {
  d <- outcomes[[if (outcome == "negligent") "negligent" else source]]
  g <- if (corrections == "on") guards else guards_as_found
  # Guards are told per head of the month they were counted in, homicides per head of theirs.
  per_100k <- setNames(1e5 * g$guards / population_of(g$cve_ent, g$month), paste(g$cve_ent, g$month))
  d$x <- log(unname(per_100k[paste(d$cve_ent, shift(d$month, -lag))]))
  d <- d[!is.na(d$x) & !is.na(d$y) & !d$cve_ent %in% drop, ]
  d$state <- factor(d$cve_ent)
  d$when <- factor(d$month)
  n <- nrow(d)
  groups <- nlevels(d$state)
  periods <- nlevels(d$when)

  if (effects == "month") {
    formula <- y ~ x + when
    k <- 1 + periods
  } else if (effects == "state+month") {
    formula <- y ~ x + state + when
    k <- 1 + (periods - 1)
  } else {
    # One trend is spanned by the month effects; it is left out rather than aliased.
    time <- (month_number(d$month) - min(month_number(d$month))) / periods
    d$trend <- sapply(levels(d$state)[-1], function(s) time * (d$state == s))
    formula <- y ~ x + state + when + trend
    k <- 1 + (periods - 1) + (groups - 1)
  }
  fit <- poisson_fit(update(formula, . ~ . + offset(log(person_years))), data = d)
  stopifnot(!anyNA(coef(fit)))

  # HC0 without the library's own factor, which would count the nested state effects.
  hc0 <- vcovCL(fit, cluster = d$cve_ent, type = "HC0", cadjust = FALSE)
  v <- hc0 * groups / (groups - 1) * (n - 1) / (n - k)
  mm <- model.matrix(fit)
  bread <- solve(crossprod(mm, fitted(fit) * mm))
  check <- bread %*% crossprod(rowsum((d$y - fitted(fit)) * mm, d$cve_ent)) %*% bread
  stopifnot(all.equal(check["x", "x"], hc0["x", "x"], tolerance = 1e-7))
  estimate <- unname(coef(fit)["x"])
  std_error <- sqrt(v["x", "x"])
  half <- qt(0.975, groups - 1) * std_error
  list(
    term = "log_guards_per_100k", source = source, outcome = outcome, lag = lag,
    effects = effects, corrections = corrections,
    drop = if (is.null(drop)) NA else drop,
    estimate = estimate, std_error = std_error, t_value = estimate / std_error,
    p_value = 2 * pt(-abs(estimate / std_error), groups - 1),
    conf_low = estimate - half, conf_high = estimate + half,
    n = n, states = groups, months = periods, k = k,
    first = min(d$month), last = max(d$month), victims = sum(d$y), deviance = deviance(fit))
}

guard_elasticity <- list(
  elasticity(),
  elasticity(source = "inegi"),
  elasticity(effects = "month"),
  elasticity(effects = "state+month+trend"),
  elasticity(lag = 3L),
  elasticity(lag = -3L),
  elasticity(outcome = "negligent"),
  elasticity(corrections = "off"),
  elasticity(drop = "09"))
names(guard_elasticity) <- NULL

guard_elasticity_leave_one_out <- lapply(states, function(s) {
  row <- elasticity(drop = s)
  c(list(cve_ent = s), row[c("estimate", "std_error", "p_value", "n", "states", "k")])
})

# ----------------------------------------------------------- guard annual ----

strength <- local({
  d <- read_table("guard_strength_national")
  d <- d[grepl("^[0-9]{4}-12(-31)?$", d$date), ]
  d$year <- as.integer(substr(d$date, 1, 4))
  d$guards <- as.numeric(d$guards)
  # 2019 holds two figures; the last listed belongs to the annual-report series of the others.
  d[!duplicated(d[c("concept", "year")], fromLast = TRUE), ]
})
strength_of <- function(concept) {
  d <- strength[strength$concept == concept, ]
  setNames(d$guards, d$year)
}
annual_guards <- list(
  force_strength = strength_of("force_strength"),
  assigned_inegi = local({
    strict <- strength_of("assigned_inegi")
    wide <- strength_of("assigned_inegi_including_heads")
    c(strict, wide[setdiff(names(wide), names(strict))])
  }),
  deployed = strength_of("deployed"))

annual_rate <- local({
  person_years <- function(year) national_population(year) * days_in_year(year) / 365.25
  months <- national$sesnsp
  sums <- tapply(months$y, year_of(months$month), sum)[as.character(2015:2024)]
  bridge <- read_table("sesnsp_national_bridge")
  press <- bridge$value[bridge$period == "2025" & bridge$measure == "victims intentional homicide"]
  stopifnot(length(press) == 1, as.numeric(press) == 23243)
  counts <- list(sesnsp = c(sums, `2025` = as.numeric(press)),
                 inegi = setNames(official_of(1990:2024, "final"), 1990:2024))
  lapply(counts, function(y) {
    year <- as.integer(names(y))
    setNames(1e5 * as.numeric(y) / person_years(year), names(y))
  })
})

correlation <- function(a, b) {
  if (length(a) < 2 || sd(a) == 0 || sd(b) == 0) return(NA_real_)
  cor(a, b)
}

annual_row <- function(series, source, correlation_of, r, n, effective, years) {
  interval <- if (is.na(r) || effective < 4) c(NA, NA) else
    tanh(atanh(r) + c(-1, 1) * Z / sqrt(effective - 3))
  # Two points lie on a line whatever they say.
  list(series = series, source = source, term = correlation_of, estimate = r, n = n,
       n_effective = effective, conf_low = interval[1], conf_high = interval[2],
       degenerate = effective < 3, years = paste(years, collapse = " "))
}

guard_annual <- list()
guard_annual_data <- list()
for (series in names(annual_guards)) for (source in names(annual_rate)) {
  x <- annual_guards[[series]]
  y <- annual_rate[[source]]
  years <- sort(as.integer(intersect(names(x), names(y))))
  x <- unname(x[as.character(years)])
  y <- unname(y[as.character(years)])
  n <- length(years)
  guard_annual_data <- c(guard_annual_data, lapply(seq_len(n), function(i) {
    list(series = series, source = source, year = years[i], guards = x[i], rate = y[i])
  }))

  consecutive <- which(diff(years) == 1L)
  dx <- diff(x)[consecutive]
  dy <- diff(y)[consecutive]
  partial <- cor(resid(lm(x ~ years)), resid(lm(y ~ years)))
  # The textbook formula, so that the residual route is not its own witness.
  r <- c(xy = cor(x, y), xt = cor(x, years), yt = cor(y, years))
  formula_partial <- (r["xy"] - r["xt"] * r["yt"]) / sqrt((1 - r["xt"]^2) * (1 - r["yt"]^2))
  stopifnot(abs(partial - formula_partial) < 1e-9)

  guard_annual <- c(guard_annual, list(
    annual_row(series, source, "levels", correlation(x, y), n, n, years),
    annual_row(series, source, "differences", correlation(dx, dy), length(dx), length(dx),
               years[consecutive + 1]),
    annual_row(series, source, "detrended", partial, n, n - 1, years),
    annual_row(series, source, "time_index", correlation(years, y), n, n, years)))
}

# ------------------------------------------------------------ measurement ----

yearly <- function(d) tapply(d$y, year_of(d$month), sum)

measurement <- local({
  ratio_row <- function(kind, term, numerator, denominator) {
    list(kind = kind, term = as.character(term), estimate = numerator / denominator,
         numerator = numerator, denominator = denominator)
  }
  sums <- list(sesnsp = yearly(national$sesnsp), inegi = yearly(national$inegi))
  by_year <- lapply(2015:2024, function(y) {
    ratio_row("sesnsp_to_inegi_year", y, sums$sesnsp[[as.character(y)]], official_of(y, "final"))
  })
  completeness <- lapply(2000:2022, function(y) {
    ratio_row("inegi_panel_completeness", y, sums$inegi[[as.character(y)]], official_of(y, "final"))
  })
  by_state <- lapply(states, function(s) {
    both <- merge(intentional[intentional$cve_ent == s, c("month", "y")],
                  inegi[inegi$cve_ent == s, c("month", "y")], by = "month")
    both <- both[both$month >= "2018-01" & both$month <= "2021-12", ]
    both <- both[complete.cases(both), ]
    c(ratio_row("sesnsp_to_inegi_state", s, sum(both$y.x), sum(both$y.y)), months = nrow(both))
  })
  years <- sort(inegi_official$year[inegi_official$status == "preliminary"])
  revisions <- lapply(years, function(y) {
    final <- official_of(y, "final")
    preliminary <- official_of(y, "preliminary")
    list(kind = "inegi_revision", term = as.character(y),
         estimate = (final - preliminary) / preliminary,
         numerator = final, denominator = preliminary)
  })
  c(by_year, completeness, by_state, revisions)
})

# ----------------------------------------------------------------- output ----

result <- list(
  meta = list(
    r = paste(R.version$major, R.version$minor, sep = "."),
    packages = lapply(setNames(nm = c("MASS", "sandwich", "metafor", "jsonlite")),
                      function(p) as.character(packageVersion(p)))),
  sanity = sanity,
  administrations = administrations,
  state_trend = state_trend,
  guard_elasticity = guard_elasticity,
  guard_elasticity_leave_one_out = guard_elasticity_leave_one_out,
  guard_annual = guard_annual,
  guard_annual_data = guard_annual_data,
  measurement = measurement)
writeLines(toJSON(result, auto_unbox = TRUE, digits = NA, na = "null", null = "null",
                  pretty = TRUE), out)

for (source in c("sesnsp", "inegi")) {
  fell <- Filter(function(r) r$kind == "state" && r$source == source && r$model != "nb2", state_trend)
  say("%s: fell back to quasi-Poisson: %s", source,
      if (length(fell)) paste(vapply(fell, `[[`, "", "term"), collapse = " ") else "none")
}
say("written")
